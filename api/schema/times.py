"""Where a record stands in a list that is ordered by time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from db.paging import TimeKey


class Timed(Protocol):
    @property
    def created_at(self) -> datetime: ...

    @property
    def id(self) -> UUID: ...


def time_key(record: Timed) -> TimeKey:
    return TimeKey(record.created_at, record.id)
