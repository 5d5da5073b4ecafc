"""What the naive server reads with: a loader for each edge, whose keys are asked for in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiodataloader import DataLoader

Row = Any
Owned = tuple[UUID, UUID]
Page = tuple[int, datetime, UUID]
"""How many, and what they come before."""

START = datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1)

CONTEXT = "user_id, id, context_type, content, metadata, created_at, updated_at, version"
LIVE = "is_active and (expires_at is null or expires_at > now())"

CONTEXTS = f"""
select p.* from unnest($1::uuid[]) u(id) cross join lateral (
    select {CONTEXT} from contexts
    where user_id = u.id and {LIVE} and (created_at, id) < ($3, $4)
    order by created_at desc, id desc limit $2
) p
"""

CONTEXTS_OF_TYPE = CONTEXTS.replace("order by", "and context_type = $5 order by")

CONVERSATIONS = """
select p.* from unnest($1::uuid[]) u(id) cross join lateral (
    select user_id, id, title, created_at, updated_at from conversations
    where user_id = u.id and is_active and (created_at, id) < ($3, $4)
    order by created_at desc, id desc limit $2
) p
"""

TURNS = f"""
select p.* from unnest($1::uuid[], $2::uuid[]) v(user_id, id) cross join lateral (
    select conversation_id, {CONTEXT} from contexts
    where user_id = v.user_id and conversation_id = v.id and context_type = 'conversation' and {LIVE}
    order by created_at, id limit $3
) p
"""

RESPONSES = """
select p.* from unnest($1::uuid[], $2::uuid[]) v(user_id, id) cross join lateral (
    select user_id, id, conversation_id, status, text, budget, grounding, created_at from responses
    where user_id = v.user_id and conversation_id = v.id
    order by created_at desc, id desc limit $3
) p
"""

BY_IDS = f"""
select {CONTEXT} from contexts
where user_id = any($1) and id = any($2) and (expires_at is null or expires_at > now())
"""


class Loaders:
    """Those of one request."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.contexts = _by_page(self._contexts)
        self.conversations = _by_page(self._conversations)
        self.turns = _by_page(self._turns)
        self.responses = _by_page(self._responses)
        self.context: DataLoader[Owned, Row | None] = DataLoader(self._by_ids)

    async def _contexts(
        self, users: Sequence[UUID], page: Page, kind: str | None
    ) -> dict[Any, list[Row]]:
        if kind is None:
            rows = await self._pool.fetch(CONTEXTS, users, *page)
        else:
            rows = await self._pool.fetch(CONTEXTS_OF_TYPE, users, *page, kind)
        return _grouped(rows, "user_id")

    async def _conversations(
        self, users: Sequence[UUID], page: Page, _: str | None
    ) -> dict[Any, list[Row]]:
        return _grouped(await self._pool.fetch(CONVERSATIONS, users, *page), "user_id")

    async def _turns(
        self, talks: Sequence[Owned], page: Page, _: str | None
    ) -> dict[Any, list[Row]]:
        rows = await self._pool.fetch(TURNS, *map(list, zip(*talks, strict=True)), page[0])
        return _grouped(rows, "user_id", "conversation_id")

    async def _responses(
        self, talks: Sequence[Owned], page: Page, _: str | None
    ) -> dict[Any, list[Row]]:
        rows = await self._pool.fetch(RESPONSES, *map(list, zip(*talks, strict=True)), page[0])
        return _grouped(rows, "user_id", "conversation_id")

    async def _by_ids(self, keys: list[Owned]) -> list[Row | None]:
        users, ids = zip(*keys, strict=True)
        rows = await self._pool.fetch(BY_IDS, list(set(users)), list(ids))
        found = {(row["user_id"], row["id"]): row for row in rows}
        return [found.get(key) for key in keys]


Key = tuple[Any, Page, str | None]


def _by_page(read: Callable[..., Any]) -> DataLoader[Key, list[Row]]:
    """A loader of pages: the parents of keys that ask for the same page are read together."""

    async def batch(keys: list[Key]) -> list[list[Row]]:
        found = {}
        for page, kind in {(page, kind) for _, page, kind in keys}:
            parents = [parent for parent, *rest in keys if rest == [page, kind]]
            found[page, kind] = await read(parents, page, kind)
        return [found[page, kind].get(parent, []) for parent, page, kind in keys]

    return DataLoader(batch)


def _grouped(rows: Sequence[Row], *names: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        groups.setdefault(key if len(names) > 1 else key[0], []).append(row)
    return groups
