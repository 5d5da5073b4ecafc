"""What contexts were before, and are now: the versions of each, the present one among them."""

from __future__ import annotations

from collections.abc import Sequence

from db.contexts import Owned
from db.filters import LIVE
from db.grouping import grouped
from db.paging import FIRST_VERSION, LAST_VERSION, Page
from db.pool import Database
from db.records import ContextVersion

# The present version is a row of `contexts`; the history holds only what it replaced.
_ALL_VERSIONS = """
    select c.user_id, c.id as context_id, c.version, c.content, c.metadata, c.is_active,
        c.expires_at, c.updated_at as valid_from, null::timestamptz as valid_to
    union all
    select h.user_id, h.context_id, h.version, h.content, h.metadata, h.is_active,
        h.expires_at, h.valid_from, h.valid_to
    from context_versions h
    where h.user_id = c.user_id and h.context_id = c.id
"""


def page_statement(*, descending: bool) -> str:
    """`$1` user ids, `$2` context ids, `$3` limit, `$4..$5` bounds."""
    way = "desc" if descending else "asc"
    return f"""
select p.* from contexts c cross join lateral (
    select * from ({_ALL_VERSIONS}) v
    where v.version > $4 and v.version < $5
    order by v.version {way}
    limit $3
) p
where c.user_id = any($1) and c.id = any($2) and {LIVE}
"""


async def pages_by_context(
    db: Database, contexts: Sequence[Owned], asked: Page
) -> dict[Owned, list[ContextVersion]]:
    """For each context the same stretch of its versions, in one statement."""
    users, ids = zip(*contexts, strict=True)
    rows = await db.fetch(
        page_statement(descending=asked.descending),
        list(set(users)),
        list(ids),
        asked.limit,
        *asked.bounds(FIRST_VERSION, LAST_VERSION),
    )
    versions = (ContextVersion(*row) for row in rows)
    return grouped(versions, asked, lambda version: (version.user_id, version.context_id))


# Versions are numbered without holes from 1, so the newest number is their count.
COUNTS = f"""
select c.user_id, c.id, c.version as count from contexts c
where c.user_id = any($1) and c.id = any($2) and {LIVE}
"""


async def counts_by_context(db: Database, contexts: Sequence[Owned]) -> dict[Owned, int]:
    users, ids = zip(*contexts, strict=True)
    rows = await db.fetch(COUNTS, list(set(users)), list(ids))
    return {(row["user_id"], row["id"]): row["count"] for row in rows}
