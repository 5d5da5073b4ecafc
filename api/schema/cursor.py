"""Cursors: opaque to clients, they hold a place in one particular list and fit no other."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from struct import Struct

from api.errors import BadUserInput
from db.ids import known_id
from db.paging import Key, TimeKey, VersionKey

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = Struct(">6sq16s")
_VERSION = Struct(">6sI")

ListId = bytes
"""Six bytes that tell one list from another."""


def list_id(*parts: object) -> ListId:
    """The identity of a list: its field, its parent, its filter and its order."""
    return blake2s(repr(parts).encode(), digest_size=6).digest()


def encoded(of: ListId, key: Key) -> str:
    """The cursor of the row at `key`."""
    match key:
        case TimeKey(created_at, id):
            packed = _TIME.pack(of, (created_at - _EPOCH) // _MICROSECOND, id.bytes)
        case VersionKey(version):
            packed = _VERSION.pack(of, version)
    return urlsafe_b64encode(packed).decode().rstrip("=")


def beginning(of: ListId) -> str:
    """How every cursor of this list begins; after it comes the key, eight characters for each six bytes."""
    return urlsafe_b64encode(of).decode()


def decoded(of: ListId, cursor: str) -> Key:
    """The key that a cursor of this list holds. Raises `BadUserInput` for a broken or foreign one."""
    key = _read(of, cursor)
    # Base64 has several spellings of the same bytes; only ours is a cursor.
    if key is None or encoded(of, key) != cursor:
        raise BadUserInput(
            "The cursor is not one of this list; pass one that the same field gave you, "
            "with the same parent, filter and order."
        )
    return key


def _read(of: ListId, cursor: str) -> Key | None:
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, NotBase64):
        return None
    if packed[:6] != of:
        return None
    if len(packed) == _VERSION.size:
        return VersionKey(_VERSION.unpack(packed)[1])
    if len(packed) == _TIME.size:
        return _time_key(*_TIME.unpack(packed)[1:])
    return None


def _time_key(microseconds: int, id: bytes) -> TimeKey | None:
    try:
        return TimeKey(_EPOCH + microseconds * _MICROSECOND, known_id(id))
    except OverflowError:
        return None
