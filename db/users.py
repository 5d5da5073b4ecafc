"""Users: whom the contexts are about. The application's own identifier leads to the primary key."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from uuid import UUID, uuid5

from db.errors import Missing
from db.ids import known_id
from db.inside import MOST_ROWS, Layout, Rows, args_of, filled
from db.keys import Which, which_users
from db.leaves import LeafPage, Reading, Table, Whole, leaf_page
from db.objects import Object, Single, Wanted
from db.paging import Page, Shape
from db.pool import Database, Row, Store
from db.records import Json, User
from db.scope import NOBODY

COLUMNS = "id, external_id, name, metadata, created_at, updated_at"
U_COLUMNS = ", ".join(f"u.{column}" for column in COLUMNS.split(", "))

WHOLE = Whole(U_COLUMNS)
TABLE = Table("u", owner="id")


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
    return _id_of(db.namespace, external_id)


@lru_cache(maxsize=4096)
def _id_of(namespace: UUID, external_id: str) -> UUID:
    # Whoever asks for a user asks for the same one again soon.
    return known_id(uuid5(namespace, external_id).bytes)


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


def by_ids_statement(asked: Which) -> str:
    return f"select {U_COLUMNS} from users u where {asked.sql}"


async def get_many(db: Database, ids: Iterable[UUID]) -> dict[UUID, User]:
    """The users that exist, by id."""
    asked = which_users(list(ids))
    rows = await db.fetch(by_ids_statement(asked), *asked.args)
    return {row["id"]: User(*row) for row in rows}


def written_statement(columns: str, joins: str) -> str:
    """`$1` a user's id, then the arguments of the lists."""
    return f"select {columns} from users u {joins} where u.id = $1"


WRITTEN = Single(TABLE, written_statement, 1)


def written(db: Database, id: UUID, wanted: Wanted) -> Awaitable[Object | None]:
    """The same one as JSON, if there is such a user."""
    return WRITTEN.read(db, (id,), wanted)


def page_statement(asked: Page, reading: Reading = WHOLE) -> str:
    """The arguments are the bounds that there are, then those of the reading."""
    return _page_statement(asked.shape, reading)


@lru_cache(maxsize=MOST_ROWS)
def _page_statement(asked: Shape, reading: Reading) -> str:
    order = asked.order
    # What PostgreSQL does not know it takes for a tenth of all users, and plans anew each time to know it.
    return reading.inside(f"""
select {reading.columns} from users u
where {asked.within("u", 1)} true
order by u.created_at {order}, u.id {order}
limit {asked.limit}
""")


async def page(db: Database, asked: Page) -> list[User]:
    """A stretch of all users."""
    rows = await _page(db, asked, WHOLE)
    return asked.in_order([User(*row) for row in rows])


async def pages(db: Database, parents: Sequence[None], asked: Page) -> dict[None, list[User]]:
    """The same, as the page of nobody in particular."""
    return {nobody: await page(db, asked) for nobody in parents}


async def leaves(
    db: Database, parents: Sequence[None], asked: Page, layout: Layout, lists: Sequence[Rows]
) -> dict[None, LeafPage]:
    """The same, as JSON objects with these values."""
    reading = filled(TABLE, layout, lists, 1 + len(asked.within.args))
    (gathered,) = await _page(db, asked, reading, args_of(lists))
    return {nobody: leaf_page(NOBODY, gathered, asked) for nobody in parents}


async def _page(
    db: Database, asked: Page, reading: Reading, args: Sequence[object] = ()
) -> Sequence[Row]:
    return await db.fetch(page_statement(asked, reading), *asked.within.args, *args)


COUNT = "select count(*) from users"


async def count(db: Database) -> int:
    row = await db.fetchrow(COUNT)
    return row[0] if row else 0
