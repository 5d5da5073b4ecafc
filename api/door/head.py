"""The head of an answer that is written in one piece."""

from __future__ import annotations

from collections.abc import Iterator

Field = tuple[bytes, bytes]
"""A field of a head: its name in small letters, and its value."""


class Head:
    """The fields of a head, as they are written: all that every answer has, and of how it is sent only how long it is.

    Whoever goes through them finds each by itself.
    """

    __slots__ = ("written",)

    def __init__(self, written: bytes) -> None:
        self.written = written

    def __iter__(self) -> Iterator[Field]:
        for line in self.written.splitlines():
            name, _, value = line.partition(b": ")
            yield name, value
