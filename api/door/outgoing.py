"""Answers on their way out: those of one turn of the event loop are written one after the other at its end.

To write to a client that waits wakes it up, and while it is woken nobody else gets anything done here. Once it is
awake the rest goes out in little time: a client with many connections, such as a proxy, is woken once for all of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from api.door.head import Field


class Way(Protocol):
    """A connection, as far as it is written to."""

    transport: asyncio.Transport

    def is_held_up(self, size: int) -> None:
        """So many bytes are not taken yet of what was written."""


class Outgoing(OrderedDict[Way, bytes]):
    """What is to be written to whom, in the order in which it was said."""

    _usual: tuple[Sequence[Field], bytes] = (), b""

    def written(self, usual: Sequence[Field]) -> bytes:
        """The fields that stand in each head, as they are written: those of one second are the same list."""
        if usual is not self._usual[0]:
            self._usual = usual, b"".join([b"%s: %s\r\n" % field for field in usual])
        return self._usual[1]

    def add(self, way: Way, data: bytes) -> None:
        if not self:
            asyncio.get_running_loop().call_soon(self.write)
        self[way] = self.get(way, b"") + data

    def write(self) -> None:
        """Write all of it now."""
        try:
            while self:
                _write(*self.popitem(last=False))
        finally:
            # Whatever has failed there, the others have theirs.
            if self:
                asyncio.get_running_loop().call_soon(self.write)


def _write(way: Way, data: bytes) -> None:
    transport = way.transport
    if transport.is_closing():
        return
    transport.write(data)
    if size := transport.get_write_buffer_size():
        way.is_held_up(size)
