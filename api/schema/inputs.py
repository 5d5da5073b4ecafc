"""What every input has in common, and what text and JSON may be in one: checked by pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from strawberry.pydantic.conversion import build_pydantic_model
from strawberry.types.arguments import InputContext
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from api.schema.scalars import JSON

MAX_METADATA_BYTES = 16 * 1024

CONFLICTING = "The version that you have read; another one standing now is a `CONFLICT`."


RETRYING = (
    "A name of your choice for this write, such as a UUID: 1 to 255 characters. Whoever repeats the same input with "
    "the same key, say after a lost connection, is given what the first call made, and nothing is written twice. The "
    "same key with another input is an `IDEMPOTENCY_MISMATCH`. Known for a day, unless the server is set otherwise."
)


class Input(BaseModel):
    """The ancestor of every input: what came in does not change."""

    # The graph's names of the fields are good as well, for inputs that are taken whole.
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel_case, validate_by_name=True, loc_by_alias=False
    )


Given = TypeVar("Given", bound=Input)


def taken_whole(model: type[Given]) -> type[Given]:
    """An input that pydantic takes as GraphQL gives it, with all that is in it.

    By itself Strawberry looks up the name and the type of every field, in each of a thousand contexts.
    """
    get_object_definition(model, strict=True).from_input = _built
    return model


def _built(model: type[BaseModel], value: Mapping[str, Any], context: InputContext) -> BaseModel:
    try:
        return model.model_validate(value, by_alias=True, by_name=False)
    except ValidationError:
        # Strawberry knows how to say what is wrong, and where.
        return build_pydantic_model(model, value, context)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    return text


def _an_object(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004  # pydantic wants ValueError
    return value


def _small(value: object) -> object:
    size = len(orjson.dumps(value))
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"must be at most {MAX_METADATA_BYTES} bytes; it is {size}")
    return value


ExternalId = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_without_nul)]
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_without_nul)]
Comment = Annotated[str, Field(max_length=2000), AfterValidator(_without_nul)]
Title = Annotated[str, Field(max_length=200), AfterValidator(_without_nul)]
ContextTypeName = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_without_nul)]
Message = Annotated[str, Field(min_length=1, max_length=32_768), AfterValidator(_without_nul)]

JSONObject = Annotated[JSON, AfterValidator(_an_object)]
Metadata = Annotated[JSON, AfterValidator(_an_object), AfterValidator(_small)]


def as_object(value: JSON) -> dict[str, Any]:
    """The value as the object that validation has already found it to be."""
    assert isinstance(value, dict)  # noqa: S101
    return value
