"""Attributes that are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Made = TypeVar("Made")


class lazily(Generic[Made]):  # noqa: N801  # read as a word, over a method
    """Made once, and from then on an attribute of the object.

    `functools.cached_property` of Python 3.11 takes a lock for it, though one task is all that is there.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__

    @overload
    def __get__(self, one: None, _: type | None = None) -> lazily[Made]: ...

    @overload
    def __get__(self, one: object, _: type | None = None) -> Made: ...

    def __get__(self, one: object | None, _: type | None = None) -> lazily[Made] | Made:
        if one is None:
            return self
        made = one.__dict__[self._name] = self._make(one)
        return made
