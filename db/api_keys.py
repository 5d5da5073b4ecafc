"""API keys: made here, stored as a hash, looked up by it. The key itself is kept nowhere.

A key is `cql_<prefix>_<secret>`. The secret has 192 random bits, so a plain SHA-256 of the whole is enough, and the
lookup is by equality.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from uuid import UUID

from db.ids import new_id
from db.pool import Database
from db.records import ApiKey

MARK = "cql_"
"""What every key begins with, and no token does."""


def new_key() -> str:
    """A key that nobody has seen before."""
    return f"{MARK}{token_hex(5)}_{token_hex(24)}"


def prefix_of(key: str) -> str:
    """The part that may be seen: what the key is called in lists, logs and the audit trail."""
    return "_".join(key.split("_")[:2])


def hashed(key: str | bytes) -> bytes:
    """What is stored in the place of the key."""
    return sha256(key if isinstance(key, bytes) else key.encode()).digest()


COLUMNS = (
    "k.id, k.prefix, k.name, k.role, k.user_id, u.external_id, k.created_at, k.expires_at, "
    "k.revoked_at, k.last_used_at"
)

BY_HASH = (
    f"select {COLUMNS} from api_keys k left join users u on u.id = k.user_id where k.hash = $1"
)


async def by_hash(db: Database, hash: bytes) -> ApiKey | None:
    row = await db.fetchrow(BY_HASH, hash)
    return ApiKey(*row) if row else None


BY_PREFIX = (
    f"select {COLUMNS} from api_keys k left join users u on u.id = k.user_id where k.prefix = $1"
)


async def by_prefix(db: Database, prefix: str) -> ApiKey | None:
    row = await db.fetchrow(BY_PREFIX, prefix)
    return ApiKey(*row) if row else None


LISTED = f"""
select {COLUMNS} from api_keys k left join users u on u.id = k.user_id order by k.created_at, k.id
"""


async def listed(db: Database) -> Sequence[ApiKey]:
    """All of them, the oldest first; those that were revoked or have expired too."""
    return [ApiKey(*row) for row in await db.fetch(LISTED)]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key is made for: `role` is `SERVICE`, or `USER` and then there is a user."""

    name: str
    role: str
    user_id: UUID | None = None
    expires_at: datetime | None = None


REGISTER = """
insert into api_keys (user_id, id, prefix, hash, name, role, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (hash) do nothing
"""


async def register(db: Database, key: str, grant: Grant) -> None:
    """Let the key in; one that is known already, revoked or not, stays as it is."""
    await db.fetch(
        REGISTER,
        grant.user_id,
        new_id(),
        prefix_of(key),
        hashed(key),
        grant.name,
        grant.role,
        grant.expires_at,
    )


REVOKE = """
update api_keys set revoked_at = now() where prefix = $1 and revoked_at is null returning prefix
"""


async def revoke(db: Database, prefix: str) -> bool:
    """Let the key in no more; whether it was let in until now."""
    return await db.fetchrow(REVOKE, prefix) is not None


OTHERS_USABLE = """
select exists (
    select from api_keys
    where hash <> all($1) and revoked_at is null and (expires_at is null or expires_at > now())
)
"""


async def others_usable(db: Database, beside: Sequence[bytes]) -> bool:
    """Whether there is a key to ask with, other than those with these hashes."""
    row = await db.fetchrow(OTHERS_USABLE, list(beside))
    return bool(row and row[0])


NOTE_USES = """
update api_keys k set last_used_at = greatest(k.last_used_at, used.at)
from unnest($1::uuid[], $2::timestamptz[]) used (id, at) where k.id = used.id
"""


async def note_uses(db: Database, uses: Mapping[UUID, datetime]) -> None:
    """When each of these keys, by id, was used last."""
    await db.fetch(NOTE_USES, list(uses), list(uses.values()))
