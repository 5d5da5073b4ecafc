"""Ids and cursors as the graph has them, for servers in Python whose answers are to be the same."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = Struct(">6xq16s")


def global_id(kind: bytes, user: UUID, row: UUID | None = None) -> str:
    """`kind` is `U`, `C`, `V` or `R`; a user's own id names the user once."""
    parts = kind + user.bytes + (row.bytes if row else b"")
    return urlsafe_b64encode(parts).decode().rstrip("=")


def named(id: str) -> tuple[UUID, UUID]:
    """The user, and the row."""
    parts = urlsafe_b64decode(id + "=" * (-len(id) % 4))
    return UUID(bytes=parts[1:17]), UUID(bytes=parts[-16:])


def cursor(created_at: datetime, id: UUID) -> str:
    micros = (created_at - _EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(_CURSOR.pack(micros, id.bytes)).decode()


def place(cursor: str) -> tuple[datetime, UUID]:
    """The time and the row that a cursor names, whatever list it is of."""
    micros, id = _CURSOR.unpack(urlsafe_b64decode(cursor))
    return _EPOCH + timedelta(microseconds=micros), UUID(bytes=id)
