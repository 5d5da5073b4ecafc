"""How long contexts of a type are kept, as the settings say it: JSON such as `EXAMPLE`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_settings import NoDecode

EXAMPLE = '{"conversation": {"newest": 100, "days": 30}}'

KEPT_FOR_EVER = {
    "profile": "there is one for each user",
    "summary": "there is one for each conversation",
}
"""Types that may not be named, and why: what is kept up to date does not age."""

Days = Annotated[float, Field(ge=0, le=36_500)]


class Kept(BaseModel):
    """What is kept of a type for each user: its `newest`, and all that is younger than so many `days`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    newest: int = Field(0, ge=0, le=1_000_000)
    days: Days = 0.0

    @model_validator(mode="after")
    def _says_something(self) -> Kept:
        if not self.model_fields_set:
            raise ValueError("say how many of the newest to keep, for how many days, or both")
        return self


def _checked(given: object, check: ValidatorFunctionWrapHandler) -> Mapping[str, Kept]:
    try:
        kept: Mapping[str, Kept] = check(orjson.loads(given) if isinstance(given, str) else given)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"must be JSON such as {EXAMPLE}; {error}") from None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "all of it"
        raise ValueError(f"must be as in {EXAMPLE}; {where}: {problem['msg']}") from None
    for name in kept.keys() & KEPT_FOR_EVER.keys():
        raise ValueError(f"may not name {name}: {KEPT_FOR_EVER[name]}, and it is kept")
    return kept


Retentions = Annotated[Mapping[str, Kept], WrapValidator(_checked), NoDecode]
