"""Any type that the application makes up: free content, read as lines of `key: value`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.context_types.shape import Content, ContextType, Shape

LONGEST_PATH = 60
"""A path is cut to its end, so that long keys far out do not repeat for every value within."""


def lines(value: Any, path: str = "") -> Iterator[str]:
    """Every value in the content, each on a line with the path that leads to it."""
    path = path[-LONGEST_PATH:]
    match value:
        case dict():
            for key, inner in value.items():
                name = " ".join(str(key).split())
                yield from lines(inner, f"{path}.{name}" if path else name)
        case list() if any(isinstance(inner, dict | list) for inner in value):
            for inner in value:
                yield from lines(inner, path)
        case list():
            yield f"{path}: {', '.join(_plain(inner) for inner in value)}"
        case _:
            yield f"{path}: {_plain(value)}" if path else _plain(value)


def _plain(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return nested(str(value))


def nested(text: str) -> str:
    """The text with its further lines indented: none of them can pose as a line beside it."""
    return "\n  ".join(text.splitlines())


def rendered(content: Content) -> str:
    return "\n".join(lines(dict(content)))


def rest(content: Content, *told: str) -> str:
    """The keys that a type has not told itself, as lines; empty when there are none."""
    untold = {key: value for key, value in content.items() if key not in told}
    return rendered(untold) if untold else ""


GENERIC = ContextType("generic", Shape, rendered)
