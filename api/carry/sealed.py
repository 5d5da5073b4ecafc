"""A file of lines that shows whether it is whole: sealed after every few hundred lines, and counted at its end.

Whoever reads it takes nothing that is not sealed. So what was cut off or has changed on its way is noticed before
any of it is stored, without reading the file twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TypeVar

from api.carry import lines
from api.carry.lines import Header, Malformed, Row, Seal, Trailer
from db.export import LINES

LINES_AT_ONCE = 500
BYTES_AT_ONCE = 4 * 1024 * 1024
"""A seal follows when there are so many lines or bytes since the last one."""

LONGEST_LINE = 64 * 1024 * 1024

Checked = TypeVar("Checked")


class Damaged(Exception):
    """The file cannot be taken any further; `number` is the line where that was noticed, from 1."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


class Sealing:
    """A file as it is written."""

    def __init__(self, out: IO[bytes], header: Header) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self._lines = self._bytes = 0
        self._counts: Counter[str] = Counter()
        self._write(header.model_dump_json())

    def add(self, kind: str, line: str) -> None:
        self._counts[kind] += 1
        self._lines += 1
        self._bytes += self._write(line)
        if self._lines >= LINES_AT_ONCE or self._bytes >= BYTES_AT_ONCE:
            self._write(Seal(kind="seal", sha256=self._digest.hexdigest()).model_dump_json())
            self._lines = self._bytes = 0

    def end(self) -> None:
        counts = {kind: self._counts[kind] for kind in LINES}
        trailer = Trailer(kind="trailer", counts=counts, sha256=self._digest.hexdigest())
        self._write(trailer.model_dump_json())
        self._out.flush()

    def _write(self, line: str) -> int:
        raw = f"{line}\n".encode()
        self._digest.update(raw)
        return self._out.write(raw)


@dataclass(frozen=True, slots=True)
class Read:
    """A line as it stands in the file, and what it is."""

    number: int
    raw: bytes
    row: Row


class Sealed:
    """A file as it is read. Raises `Damaged` where it is not what it should be."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._number = 0
        self._counts: Counter[str] = Counter()
        raw = self._next()
        self.header = self._checked(lines.header, raw)
        self._digest.update(raw)

    def batches(self) -> Iterator[list[Read]]:
        """The rows from seal to seal, in their order. The first of all is the user."""
        batch: list[Read] = []
        size = 0
        while True:
            raw = self._next()
            match self._checked(lines.line, raw):
                case Seal(sha256=sha256):
                    self._require_whole(sha256)
                    yield batch
                    batch, size = [], 0
                case Trailer() as trailer:
                    self._require_end(trailer)
                    yield batch
                    return
                case row:
                    batch.append(self._counted(raw, row))
                    size += len(raw)
                    self._require_room(len(batch), size)
            self._digest.update(raw)

    def _next(self) -> bytes:
        self._number += 1
        raw = self._stream.readline(LONGEST_LINE + 1)
        if len(raw) > LONGEST_LINE:
            raise self._damaged(f"the line is longer than {LONGEST_LINE} bytes")
        if not raw.endswith(b"\n"):
            raise self._damaged("the file ends before its trailer: it was cut off")
        return raw

    def _checked(self, check: Callable[[bytes], Checked], raw: bytes) -> Checked:
        try:
            return check(raw)
        except Malformed as error:
            raise self._damaged(str(error)) from error

    def _counted(self, raw: bytes, row: Row) -> Read:
        if row.kind not in self._may_follow():
            raise self._damaged(f"a {row.kind} cannot stand here: the order is {', '.join(LINES)}")
        self._counts[row.kind] += 1
        return Read(self._number, raw, row)

    def _may_follow(self) -> Sequence[str]:
        """The kinds that may come next: the user first and once, then those that have come last and all after them."""
        kinds = list(LINES)
        if not self._counts:
            return kinds[:1]
        return kinds[max(1, *(kinds.index(kind) for kind in self._counts)) :]

    def _require_room(self, rows: int, size: int) -> None:
        if rows > LINES_AT_ONCE or size > BYTES_AT_ONCE + LONGEST_LINE:
            raise self._damaged("there should have been a seal before this line")

    def _require_whole(self, sha256: str) -> None:
        if sha256 != self._digest.hexdigest():
            raise self._damaged("the seal does not fit what stands before it: the file has changed")

    def _require_end(self, trailer: Trailer) -> None:
        self._require_whole(trailer.sha256)
        if not self._counts or trailer.counts != {kind: self._counts[kind] for kind in LINES}:
            raise self._damaged("the counts are not those of the file")
        if self._stream.read(1):
            raise self._damaged("there is more after the trailer")

    def _damaged(self, why: str) -> Damaged:
        return Damaged(self._number, why)
