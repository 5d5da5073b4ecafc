"""Errors as they may be logged: their place always, their text unless it is of a kind that quotes values."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLError

QUOTING = (ValueError, LookupError, GraphQLError)
"""What says of a value that it is no good says the value, which may be content; asyncpg's and pydantic's do, too."""


def unquoted(error: BaseException) -> BaseException:
    """The error itself; one without its text, if it or one behind it may quote what was being worked on."""
    if not any(isinstance(one, QUOTING) for one in _chain(error)):
        return error
    names = " from ".join(type(one).__name__ for one in _chain(error))
    told = RuntimeError(f"{names}; its text may quote values and is left out")
    return told.with_traceback(error.__traceback__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those behind it, each once."""
    seen: set[int] = set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        yield behind
        behind = behind.__cause__ or (None if behind.__suppress_context__ else behind.__context__)
