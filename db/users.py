"""Users: whom the contexts are about. The application's own identifier leads to the primary key."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from db.errors import Missing
from db.paging import EARLIEST, LATEST, Page
from db.pool import Database, Store
from db.records import Json, User

COLUMNS = "id, external_id, name, metadata, created_at, updated_at"


LONGEST_EXTERNAL_ID = 255


def fault_in(external_id: str) -> str | None:
    """What is wrong with it as an external id, in a few words; None when nothing is."""
    if not 1 <= len(external_id) <= LONGEST_EXTERNAL_ID:
        return f"an external id has 1 to {LONGEST_EXTERNAL_ID} characters"
    if any(one == "\x00" or "\ud800" <= one <= "\udfff" for one in external_id):
        return "an external id is Unicode text without U+0000"
    return None


def id_of(db: Store, external_id: str) -> UUID:
    """The id that a user with this external id has in this deployment, whether it exists or not."""
    return uuid5(db.namespace, external_id)


# `$4` and `$6` say whether name and metadata were given: what was not given stays as it is.
UPSERT = f"""
insert into users ({COLUMNS})
values ($1, $2, $3, coalesce($5::jsonb, '{{}}'), now(), now())
on conflict (id) do update set
    name = case when $4 then excluded.name else users.name end,
    metadata = case when $6 then excluded.metadata else users.metadata end,
    updated_at = case when $4 or $6 then now() else users.updated_at end
returning {COLUMNS}
"""


async def upsert(
    db: Store,
    external_id: str,
    *,
    name: tuple[str | None] | None = None,
    metadata: Json | None = None,
) -> User:
    """Make the user, or change what is given. `name` is a 1-tuple, so that it can be set to None."""
    row = await db.fetchrow(
        UPSERT,
        id_of(db, external_id),
        external_id,
        name[0] if name else None,
        name is not None,
        metadata,
        metadata is not None,
    )
    if row is None:
        raise Missing("user")
    return User(*row)


BY_IDS = f"select {COLUMNS} from users where id = any($1)"


async def get_many(db: Database, ids: Iterable[UUID]) -> dict[UUID, User]:
    """The users that exist, by id."""
    return {row["id"]: User(*row) for row in await db.fetch(BY_IDS, list(ids))}


def page_statement(*, descending: bool) -> str:
    """`$1..$4` bounds, `$5` limit."""
    way = "desc" if descending else "asc"
    return f"""
select {COLUMNS} from users
where (created_at, id) > ($1, $2) and (created_at, id) < ($3, $4)
order by created_at {way}, id {way}
limit $5
"""


async def page(db: Database, asked: Page) -> list[User]:
    """A stretch of all users."""
    rows = await db.fetch(
        page_statement(descending=asked.descending), *asked.bounds(EARLIEST, LATEST), asked.limit
    )
    return asked.in_order([User(*row) for row in rows])


COUNT = "select count(*) from users"


async def count(db: Database) -> int:
    row = await db.fetchrow(COUNT)
    return row[0] if row else 0
