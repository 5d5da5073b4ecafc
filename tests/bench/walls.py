"""`make bench`, on the walls: what it costs that one user's work is done under row-level security, and is audited.

Each thing is done by turns, once for a service and once for the user, on one connection each; then as PostgreSQL has
it alone, the statement with and without policies. `SIZE=100000` (contexts of the user) is the default.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from uuid import UUID

from api.grounding import Searcher, Wanted
from db import context_writes, contexts, migration, search, users
from db.embedded import embedded
from db.filters import ContextFilter
from db.keys import which_users
from db.paging import Page
from db.pool import Access, Database, opened
from db.scope import Scope
from tests.bench.filling import Speaker, fill
from tests.making import knowledge

SIZES = {"ten thousand": 10_000, "many": int(os.environ.get("SIZE", "100000"))}
OTHERS = {f"other {number}": 3_000 for number in range(10)}
TIMES = 200

ANY = ContextFilter()

Act = Callable[[], Awaitable[object]]

TRIGGERS = (
    "contexts_created_are_audited",
    "contexts_changed_are_audited",
    "contexts_erased_are_audited",
)


async def by_turns(acts: Mapping[str, Act], times: int = TIMES) -> dict[str, list[float]]:
    """How long each took, in milliseconds, one after the other, so that a busy moment strikes them alike."""
    took: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(times + times // 10):
        for name, act in acts.items():
            began = time.perf_counter()
            await act()
            # The first read what the others find in memory, and have their plans made.
            if number >= times // 10:
                took[name].append((time.perf_counter() - began) * 1000)
    return took


def show(what: str, took: Mapping[str, Sequence[float]]) -> None:
    for name, some in took.items():
        percent = quantiles(some, n=100)
        print(f"{what:<38} {name:<22} p50 {percent[49]:8.2f} ms   p95 {percent[94]:8.2f} ms")


@asynccontextmanager
async def one_each(url: str, user: UUID) -> AsyncIterator[dict[str, Database]]:
    """The store of a service and that of the user, each on a connection of its own."""
    access = Access(url=url, pool_size=1, statement_timeout=600)
    async with opened(access) as service, opened(access) as own:
        yield {"a service": service, "the user": own.within(Scope(user, "bench"))}


async def operations(url: str, user: UUID, size: int) -> None:
    """What resolvers do, through the store."""
    speaker = Speaker(7)
    questions = [speaker.question() for _ in range(20)]
    tagged = ContextFilter(metadata='{"tag": "rare"}')

    async def listed(db: Database, wanted: ContextFilter = ANY) -> object:
        return await contexts.pages_by_user(db, [user], Page(21), wanted)

    async def filtered(db: Database) -> object:
        return await listed(db, tagged)

    async def found(db: Database) -> object:
        # Both are asked the same.
        question = questions[asked[db] % len(questions)]
        asked[db] += 1
        return await Searcher(db).matches(Wanted(user, question, 10))

    async def stored(db: Database) -> object:
        return await context_writes.create(db, user, knowledge("Chess."))

    asked: Counter[Database] = Counter()
    async with one_each(url, user) as stores:
        for what, act, times in (
            (f"a page of 20, of {size}", listed, TIMES),
            (f"a page by metadata, of {size}", filtered, TIMES),
            (f"a search, of {size}", found, 40),
            ("a context stored", stored, TIMES),
        ):
            acts: dict[str, Act] = {name: partial(act, db) for name, db in stores.items()}
            show(what, await by_turns(acts, times))


async def switching(url: str, user: UUID) -> None:
    """One connection that works for a service and for the user by turns, against one that works for either."""
    access = Access(url=url, pool_size=1)
    async with opened(access) as service, opened(access) as own, opened(access) as both:
        scope = Scope(user, "bench")

        async def read(db: Database) -> object:
            return await users.get_many(db, [user])

        took = await by_turns(
            {
                "a service": lambda: read(service),
                "the user": lambda: read(own.within(scope)),
                "by turns: a service": lambda: read(both),
                "by turns: the user": lambda: read(both.within(scope)),
            },
            1000,
        )
        show("a user by id", took)


async def statements(url: str, user: UUID, size: int) -> None:
    """The statements alone: as the system, under the policies, and over the view that does the same."""
    condition, _ = ANY.condition(first=7)
    whose, asked = which_users([user]), Page(21)
    on_pages, _ = ANY.condition(first=whose.following)
    question = Speaker(7).question()
    page = whose.args
    words = (user, "english", question, 1.2, 0.75, 100)

    def listing(table: str) -> str:
        return contexts.page_by_user_statement(whose, asked, on_pages, table)

    def matching(table: str) -> str:
        return search.matching_statement(search.Source(table=table), condition)

    async with one_each(url, user) as stores:
        service, own = stores.values()
        for what, statement, args in (
            ("a page of 20", listing, page),
            ("words that match", matching, words),
        ):
            acts: dict[str, Act] = {
                "no policy": partial(service.fetch, statement("contexts"), *args),
                "under the policy": partial(own.fetch, statement("contexts"), *args),
                "over own_contexts": partial(own.fetch, statement("own_contexts"), *args),
            }
            show(f"{what}, of {size}", await by_turns(acts, 40))


async def auditing(url: str, user: UUID) -> None:
    """Storing one context and a thousand, with and without the triggers that tell of it."""
    async with opened(Access(url=url, pool_size=1)) as db:
        for many in (1, 1000):
            new = [knowledge("Chess.")] * many
            took: dict[str, list[float]] = {"audited": [], "not audited": []}
            for _ in range(10):
                for name, switch in (("audited", "enable"), ("not audited", "disable")):
                    for trigger in TRIGGERS:
                        await db.fetch(f"alter table contexts {switch} trigger {trigger}")
                    act = partial(context_writes.create_many, db, user, new)
                    took[name] += (await by_turns({"": act}, 20 if many == 1 else 4))[""]
            show(f"{many} stored at once", took)
        for trigger in TRIGGERS:
            await db.fetch(f"alter table contexts enable trigger {trigger}")


async def run(url: str) -> None:
    async with opened(Access(url=url)) as db:
        ids = {name: users.id_of(db, name) for name in SIZES}
        await fill(url, db.namespace, {**SIZES, **OTHERS})
    for name, size in SIZES.items():
        await operations(url, ids[name], size)
        await statements(url, ids[name], size)
    await switching(url, ids["ten thousand"])
    await auditing(url, ids["ten thousand"])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The server of the database may run as another user, who must be able to reach it.
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as postgres:
            migration.upgrade(postgres.url)
            asyncio.run(run(postgres.url))


if __name__ == "__main__":
    main()
