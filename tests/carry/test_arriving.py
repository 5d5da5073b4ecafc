"""What an import does with what stands there already, with what is not finished, and when it is stopped half-way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from io import BytesIO
from uuid import UUID

import pytest

from api.carry.incoming import LEFT, taken_in
from api.carry.sealed import LINES_AT_ONCE, Damaged, Sealed
from api.schema.identity import Kind, global_id
from db import (
    context_versions,
    context_writes,
    conversations,
    erasure,
    export,
    profiles,
    response_endings,
    users,
)
from db.context_writes import NewContext, Revision
from db.intake import Unfit
from db.paging import Page
from db.pool import Access, Database
from db.records import User
from tests.carry.carrying import LEFT_BEHIND, TABLES, exported, imported, parsed, rows
from tests.carry.life import a_life, serving
from tests.making import a_context, a_user, knowledge
from tests.responding import begun, events, kinds, shown, spoken
from tests.scripted import Scripted
from tests.upkeep.talk import Talk

MANY = 2 * LINES_AT_ONCE + 100


async def many(db: Database) -> User:
    """A user with more than fits between two seals."""
    user = await a_user(db)
    for start in range(0, MANY, 300):
        some = [knowledge(f"Number {n}.") for n in range(start, min(start + 300, MANY))]
        await context_writes.create_many(db, user.id, some)
    return user


async def test_a_second_import_changes_nothing(db: Database, there: Database) -> None:
    await many(db)
    file = await exported(db)
    first = await imported(there, file)
    before = await rows(there)
    again = await imported(there, file)
    assert await rows(there) == before
    assert [tally.same for tally in again.values()] == [tally.stored for tally in first.values()]
    assert not any(tally.stored or tally.kept for tally in again.values())


async def test_an_import_that_was_cut_off_goes_on_where_it_stopped(
    db: Database, there: Database
) -> None:
    await many(db)
    file = await exported(db)
    with pytest.raises(Damaged, match="cut off"):
        await imported(there, file[: len(file) * 2 // 3])
    assert len((await rows(there))["contexts"]) == LINES_AT_ONCE - 1
    tallies = await imported(there, file)
    assert (tallies["context"].same, tallies["context"].kept) == (LINES_AT_ONCE - 1, 0)
    assert await rows(there) == await rows(db)


async def test_what_was_changed_here_is_not_overwritten_and_keeps_a_whole_history(
    db: Database, there: Database
) -> None:
    user = await a_user(db)
    one, two = [await a_context(db, user, text) for text in ("Ada plays chess.", "Tea.")]
    await imported(there, await exported(db))
    for text in ("Ada plays go.", "Ada plays bridge."):
        now = (await rows(db))["contexts"]
        version = next(int(row["version"]) for row in now if row["id"] == str(one.id))
        change = Revision(content={"text": text}, text=text)
        await context_writes.update(db, user.id, one.id, version, change)
    ada = users.id_of(there, "ada")
    await context_writes.update(
        there, ada, two.id, 1, Revision(content={"text": "Coffee."}, text="Coffee.")
    )
    before = await rows(there)
    tallies = await imported(there, await exported(db))
    assert (tallies["context"].stored, tallies["context"].kept) == (0, 2)
    # The versions of a past that was not lived here would be in the way of its own.
    assert tallies["version"].kept == 2
    assert await rows(there) == before
    await context_writes.update(there, ada, one.id, 1, Revision(metadata={"here": True}))
    pages = await context_versions.pages_by_context(there, [(ada, one.id)], Page(9))
    assert [version.version for version in pages[ada, one.id]] == [2, 1]


async def test_a_profile_and_a_summary_that_stand_here_stay_the_only_ones(
    db: Database, there: Database
) -> None:
    for store, home in ((db, "London"), (there, "Paris")):
        user = await a_user(store)
        await profiles.set_profile(store, user.id, {"home": home}, home)
    await profiles.set_profile(db, users.id_of(db, "ada"), {"home": "Rome"}, "Rome")
    tallies = await imported(there, await exported(db))
    assert tallies["context"].kept == 1
    (profile,) = (await rows(there))["contexts"]
    assert "Paris" in profile["content"]


async def test_a_user_may_arrive_under_another_name_even_beside_itself(db: Database) -> None:
    await a_context(db, await a_user(db))
    await imported(db, await exported(db), "Bob 🎻")
    mine, copy = await rows(db), await rows(db, "Bob 🎻")
    assert copy.pop("users")[0]["external_id"] == "Bob 🎻"
    del mine["users"]
    assert copy == mine


async def test_an_answer_that_was_not_finished_is_exported_so_far_and_arrives_interrupted(
    reached: Access, elsewhere: Access
) -> None:
    slow = Scripted(["Che", "ss", asyncio.Event()], name="slow")
    async with serving(reached, slow=slow) as here:
        user = await a_life(here)
        id = await begun(here, user, "What does Ada play?", model="slow")
        await spoken(here, id, "Chess")
        file = await exported(here.server.db)
    line = next(line for line in parsed(file) if line.get("status") == "STREAMING")
    assert (line["text"], line["delta_ends"], line["completed_at"]) == ("Chess", [3, 5], None)
    async with serving(elsewhere) as there:
        await imported(there.server.db, file)
        assert (await imported(there.server.db, file))["response"].kept == 0
        id = there_is(there.server.db, line["id"])
        response = await shown(there, id)
        assert response["status"] == "FAILED"
        assert response["text"] == "Chess"
        assert response["error"] == {"code": "RESPONSE_INTERRUPTED", "message": str(LEFT)}
        seen = kinds(await events(there, id))
        assert seen == [(1, "Started"), (2, "Delta"), (3, "Delta"), (4, "Failed")]
        ending = response_endings.CANCELLED
        assert await response_endings.end_orphan(there.server.db, ending) is None


async def test_conversations_are_summarised_on_from_where_they_were(
    db: Database, there: Database
) -> None:
    model = Scripted(["They spoke of Lisbon."])
    ada = await a_user(db)
    talk = Talk(db, await conversations.create(db, ada.id, "Lisbon", {}))
    await talk.goes_on(20)
    await talk.summarised(model)
    await talk.goes_on(7)
    await imported(there, await exported(db))
    here = users.id_of(there, "ada")
    (conversation,) = (await conversations.pages_by_user(there, [here], Page(1)))[here]
    on = Talk(there, conversation, talk.said)
    assert await on.summarised(model) == []
    await on.goes_on(2)
    assert await on.summarised(model) == []
    await on.goes_on(1)
    assert [fact.turns for fact in await on.summarised(model)] == [10]


async def test_turns_that_join_a_conversation_which_stands_here_let_it_grow(
    db: Database, there: Database
) -> None:
    ada = await a_user(db)
    talk = Talk(db, await conversations.create(db, ada.id, "Lisbon", {}))
    await talk.goes_on(3)
    await imported(there, await exported(db))
    await talk.goes_on(4)
    await imported(there, await exported(db))
    await imported(there, await exported(db))
    assert [row["turns"] for row in (await rows(there))["conversation_growth"]] == ["7"]


async def test_an_export_holds_one_moment_whatever_is_written_meanwhile(
    db: Database, reached: Access
) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    async with db.snapshot() as session:
        standing = await export.standing(session, user.id)
        await context_writes.update(db, user.id, context.id, 1, Revision(metadata={"later": True}))
        await a_context(db, user, "Ada is late.")
        lines = [kind async for kind, _ in export.lines(session, user.id, embedded=False)]
    assert standing is not None
    assert lines == ["user", "context"]
    assert [kind for kind, count in standing.counts.items() if count] == lines


@pytest.mark.whole_pool
async def test_a_server_writes_on_while_a_user_arrives(db: Database, elsewhere: Access) -> None:
    user = await many(db)
    talk = await conversations.create(db, user.id, None, {})
    turn = {"role": "user", "message": "Hello."}
    new = NewContext("conversation", turn, "Hello.", conversation_id=talk.id)
    await context_writes.create_many(db, user.id, [new] * 200)
    file = await exported(db)
    async with serving(elsewhere) as there:
        store = there.server.db
        ada = await a_user(store)

        async def write() -> None:
            for number in range(60):
                await a_context(store, ada, f"Meanwhile {number}.")

        tallies, _ = await asyncio.gather(imported(store, file), write())
        assert tallies["context"].stored == MANY + 200
        assert len((await rows(store))["contexts"]) == MANY + 260


async def test_every_column_has_a_place_in_a_line(reached: Access) -> None:
    async with serving(reached) as here:
        await a_life(here)
        lines = parsed(await exported(here.server.db))
        tables = {
            name: set(columns)
            for name, columns in await here.server.db.fetch(TABLES)
            if name not in LEFT_BEHIND
        }
    told: dict[str, set[str]] = {line["kind"]: set(line) - {"kind"} for line in lines}
    told["version"] -= {"context_type"}
    told["user"] |= {"id"}
    assert tables.pop("users") == told["user"]
    # How a response ran, and what was looked at when, is nobody's but the server's.
    made_again = {"terms", "term_count", "lease_until", "failures", "not_before"}
    # What is told within other lines.
    del tables["response_events"], tables["context_embeddings"]
    by_kind = {
        "conversations": "conversation", "contexts": "context", "context_versions": "version",
        "responses": "response", "conversation_growth": "growth",
    }  # fmt: skip
    for table, columns in tables.items():
        assert columns - made_again - {"user_id"} == told[by_kind[table]], table


async def test_a_user_who_is_erased_on_the_way_in_leaves_nothing(
    db: Database, there: Database
) -> None:
    await many(db)
    file = Sealed(BytesIO(await exported(db)))
    begun = asyncio.Event()
    arriving = asyncio.create_task(taken_in(there, file, None, lambda _: begun.set()))
    await begun.wait()
    await erasure.erase(there, users.id_of(there, "ada"))
    # Unless it was all there by then, which is as well.
    with suppress(Unfit):
        await arriving
    assert not any((await rows(there)).values())


async def test_the_audit_trail_says_who_left_and_who_arrived(db: Database, there: Database) -> None:
    await a_context(db, await a_user(db))
    await imported(there, await exported(db))
    trail = "select actor, kind, count, user_id from audit_trail where action = $1"
    for store, actor, action in ((db, "export", "exported"), (there, "import", "imported")):
        (row,) = await store.fetch(trail, action)
        assert tuple(row) == (actor, "user", 2, users.id_of(store, "ada"))
    of_hers = "select distinct actor from audit_trail where user_id = $1"
    assert [row["actor"] for row in await there.fetch(of_hers, users.id_of(there, "ada"))] == [
        "import"
    ]


def there_is(db: Database, row: str) -> str:
    """The id that Ada's response has here."""
    return str(global_id(Kind.Response, users.id_of(db, "ada"), UUID(row)))
