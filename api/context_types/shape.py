"""What every context type consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Content = Mapping[str, Any]
"""The content of a context as it is stored: a JSON object."""

Text = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """The keys that a type knows; further ones are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True)


@dataclass(frozen=True, slots=True)
class ContextType:
    """A kind of context: the shape its content must have, and how a language model reads it.

    `rendered` is given content of any age and origin, so it must not rely on the shape.
    """

    name: str
    shape: type[Shape]
    rendered: Callable[[Content], str]
