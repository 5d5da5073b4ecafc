"""The ids of new rows: UUIDv7, so that what is stored one after the other stands together in an index."""

from __future__ import annotations

from typing import AnyStr
from uuid import UUID

import uuid_utils
from asyncpg.pgproto import pgproto


def new_id() -> UUID:
    """Greater than the one before. It is of the driver's kind, as those that are read: made and sent more quickly."""
    return pgproto.UUID(uuid_utils.uuid7().bytes)


def known_id(written: AnyStr) -> UUID:
    """The id that is written so, as text or in its 16 bytes; of the driver's kind as well."""
    return pgproto.UUID(written)
