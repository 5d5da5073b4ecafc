"""What happens to the contexts of a user is told to whoever follows, over either transport."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from api.changes import feed
from api.upkeep.sweep import Sweeper, Terms
from db import context_writes, conversations, erasure, users
from db.context_writes import Revision
from db.pool import Access, Database
from db.records import Context
from db.scope import NOBODY
from tests.changes.following import TRANSPORTS, Transport, cursor_of_now, following, served
from tests.credential import AUTHORIZED, bearing, key_for
from tests.making import a_user, knowledge
from tests.waiting import until
from tests.watching import CutOff, Refused

both = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


async def stored(db: Database, user: UUID, text: str, **more: Any) -> Context:
    return await context_writes.create(db, user, knowledge(text, **more))


async def expired(db: Database) -> None:
    await Sweeper(db, Terms(grace=30, deleted=None, retentions=()), print, walked=NOBODY).sweep()


@both
async def test_each_kind_of_change_is_told_as_the_context_stands_then(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    async with served(reached) as one:
        async with following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower:
            note = await stored(db, ada, "chess")
            await follower.until(1)
            await context_writes.update(
                db, ada, note.id, 1, Revision(content={"text": "go"}, text="go")
            )
            await follower.until(2)
            await context_writes.soft_delete(db, ada, note.id)
            await follower.until(3)
            await context_writes.restore(db, ada, note.id, 1, 3)
            await follower.until(4)
            later = datetime.now(UTC) + timedelta(days=1)
            await context_writes.update(db, ada, note.id, 4, Revision(expires_at=(later,)))
            await follower.until(5)
            await db.fetch("update contexts set expires_at = now() where user_id = $1", ada)
            while len(follower.seen) < 6:
                await expired(db)
            assert await follower.until(6) == [
                ("CREATED", "chess", 1),
                ("UPDATED", "go", 2),
                ("DELETED", "go", 3),
                ("RESTORED", "chess", 4),
                ("UPDATED", "chess", 5),
                ("EXPIRED", "chess", 6),
            ]
            assert [change["context"]["isActive"] for change in follower.seen] == [
                True, True, False, True, True, False,
            ]  # fmt: skip
        assert not one.faults


@both
async def test_the_turns_of_a_conversation_that_is_deleted_are_told(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    talk = await conversations.create(db, ada, None, {})
    for text in ("one", "two"):
        await stored(db, ada, text, conversation_id=talk.id)
    async with (
        served(reached) as one,
        following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower,
    ):
        await conversations.soft_delete(db, ada, talk.id)
        assert set(await follower.until(2)) == {("DELETED", "one", 2), ("DELETED", "two", 2)}


@both
async def test_without_a_cursor_only_what_is_to_come_is_told(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    await stored(db, ada, "before")
    async with (
        served(reached) as one,
        following(transport, one.url, ada, None) as follower,
    ):
        # Nobody says when one has begun to follow: it is so once something is told.
        written = 0
        while not follower.seen:
            written += 1
            await stored(db, ada, f"hello {written}")
            await asyncio.sleep(0.05)
        await stored(db, ada, "after")
        await until(lambda: ("CREATED", "after", 1) in follower.told)
        texts = [text for _, text, _ in follower.told]
        assert "before" not in texts
        assert len(texts) == len(set(texts))
        first = int(texts[0].removeprefix("hello "))
        assert texts == [*(f"hello {n}" for n in range(first, written + 1)), "after"]


@both
async def test_what_changed_several_times_between_two_looks_is_told_once_as_it_stands(
    reached: Access, db: Database, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = (await a_user(db)).id
    cursor = await cursor_of_now(db, ada)
    note = await stored(db, ada, "chess")
    for version in (1, 2, 3):
        change = Revision(content={"text": f"move {version}"}, text="move")
        await context_writes.update(db, ada, note.id, version, change)
    gone = await stored(db, ada, "a guest")
    await context_writes.soft_delete(db, ada, gone.id)
    async with served(reached) as one, following(transport, one.url, ada, cursor) as follower:
        assert await follower.until(2) == [("UPDATED", "move 3", 4), ("DELETED", "a guest", 2)]


@both
async def test_what_has_expired_and_was_not_swept_is_told_by_the_sweep_alone(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with (
        served(reached) as one,
        following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower,
    ):
        # The sweep with which the server begins is over once this is told.
        await stored(db, ada, "go")
        assert await follower.until(1) == [("CREATED", "go", 1)]
        await stored(db, ada, "a guest", expires_at=past)
        await stored(db, ada, "chess")
        told = [("CREATED", "go", 1), ("CREATED", "chess", 1)]
        assert await follower.until(2) == told
        while len(follower.seen) < 3:
            # A step that the server's own sweep is taking just now is left to it.
            await expired(db)
        assert await follower.until(3) == [*told, ("EXPIRED", "a guest", 2)]


@both
async def test_a_transaction_that_began_first_and_ends_last_is_told_all_the_same(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    connection = await asyncpg.connect(reached.url)
    try:
        async with (
            served(reached) as one,
            following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower,
        ):
            held = connection.transaction()
            await held.start()
            await connection.execute(LATE, ada)
            await stored(db, ada, "early")
            assert await follower.until(1) == [("CREATED", "early", 1)]
            many = len(one.looks)
            await until(lambda: len(one.looks) > many + 1)
            cursor = follower.cursor
            await held.commit()
            assert await follower.until(2) == [("CREATED", "early", 1), ("CREATED", "late", 1)]
            # And whoever comes back with the cursor of what was told before it.
            async with following(transport, one.url, ada, cursor) as resumed:
                await until(lambda: ("CREATED", "late", 1) in resumed.told)
    finally:
        await connection.close()


LATE = """
insert into contexts (user_id, id, context_type, content, search)
values ($1, gen_random_uuid(), 'knowledge', '{"text": "late"}', '')
"""


@both
async def test_a_user_follows_their_own_and_nobody_elses(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada, bob = (await a_user(db)).id, (await a_user(db, "bob")).id
    own = bearing(await key_for(db, "ada"))
    async with served(reached) as one:
        cursor = await cursor_of_now(db, ada)
        async with following(transport, one.url, ada, cursor, own) as follower:
            await stored(db, bob, "go")
            await stored(db, ada, "chess")
            assert await follower.until(1) == [("CREATED", "chess", 1)]
        for other in (bob, users.id_of(db, "nobody")):
            assert await refusal(transport, one.url, other, None, own) == "NOT_FOUND"
        assert await refusal(transport, one.url, users.id_of(db, "nobody"), None) == "NOT_FOUND"


async def refusal(transport: Transport, url: str, user: UUID, *more: Any) -> str:
    """The code of the error with which following ends at once."""
    async with following(transport, url, user, *more) as follower:
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(follower.task, 10)
        assert not follower.seen
        (error,) = refused.value.args[0]
        return str(error["extensions"]["code"])


@both
async def test_a_cursor_that_is_none_of_this_user_is_refused(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada, bob = (await a_user(db)).id, (await a_user(db, "bob")).id
    async with served(reached) as one:
        for cursor in ("", "nonsense", "🙂", "=" * 1000, await cursor_of_now(db, bob)):
            assert await refusal(transport, one.url, ada, cursor) == "BAD_USER_INPUT"
        assert not one.faults


@both
async def test_the_stream_ends_when_the_user_is_erased(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    async with (
        served(reached) as one,
        following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower,
    ):
        await stored(db, ada, "chess")
        await follower.until(1)
        await erasure.erase(db, ada)
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(follower.task, 10)
        assert refused.value.args[0][0]["extensions"]["code"] == "NOT_FOUND"
        await until(lambda: len(one.server.changes) == 0)
        assert not one.faults


@both
async def test_however_many_follow_a_look_is_one_statement_and_without_them_there_is_none(
    reached: Access, db: Database, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.server.LOOK_SECONDS", 3600)
    ada, bob = (await a_user(db)).id, (await a_user(db, "bob")).id
    async with served(reached) as one:
        look, cursor = one.server.changes.look, await cursor_of_now(db, ada)
        await look()
        assert one.looks == []
        async with (
            following(transport, one.url, ada, cursor) as a,
            following(transport, one.url, ada, cursor) as b,
            following(transport, one.url, bob, None),
        ):
            # Each has looked by itself, whether it may, and at what there was.
            await until(lambda: len(one.looks) == 3)
            for text in ("chess", "go"):
                await stored(db, ada, text)
                one.looks.clear()
                await look()
                assert len(one.looks) == 1
            assert await a.until(2) == await b.until(2)
        await until(lambda: len(one.server.changes) == 0)
        one.looks.clear()
        await look()
        assert one.looks == []


@both
async def test_one_who_does_not_read_gets_all_of_it_from_the_store(
    reached: Access, db: Database, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "KEPT", 3)
    ada = (await a_user(db)).id
    async with (
        served(reached) as one,
        following(transport, one.url, ada, await cursor_of_now(db, ada)) as follower,
    ):
        await stored(db, ada, "first")
        await follower.until(1)
        many = [knowledge(f"fact {n}") for n in range(250)]
        await context_writes.create_many(db, ada, many)
        await follower.until(251)
        texts = [text for _, text, _ in follower.told]
        assert sorted(texts) == sorted(["first", *(f"fact {n}" for n in range(250))])


@both
async def test_whoever_comes_back_is_told_what_was_meanwhile(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    cursor = await cursor_of_now(db, ada)
    async with served(reached) as one:
        async with following(transport, one.url, ada, cursor) as follower:
            await stored(db, ada, "one")
            await follower.until(1)
            cursor = follower.cursor
        await context_writes.create_many(db, ada, [knowledge(f"fact {n}") for n in range(230)])
        async with following(transport, one.url, ada, cursor) as follower:
            await until(lambda: len({text for _, text, _ in follower.told} - {"one"}) == 230)
            await stored(db, ada, "last")
            await until(lambda: follower.told[-1:] == [("CREATED", "last", 1)])


@both
async def test_whoever_follows_is_cut_off_when_the_server_leaves(
    reached: Access, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    async with served(reached) as one:
        cursor = await cursor_of_now(db, ada)
        async with following(transport, one.url, ada, cursor) as follower:
            await stored(db, ada, "one")
            await follower.until(1)
            await one.server.drain(0)
            one.server.leaving.set()
            if transport is TRANSPORTS["sse"]:
                with pytest.raises(CutOff):
                    await asyncio.wait_for(follower.task, 10)


async def test_an_event_source_that_comes_back_goes_on_from_what_it_saw(
    reached: Access, db: Database
) -> None:
    ada = (await a_user(db)).id
    async with served(reached) as one:
        cursor = await cursor_of_now(db, ada)
        sse = TRANSPORTS["sse"]
        async with following(sse, one.url, ada, cursor) as follower:
            await stored(db, ada, "one")
            await follower.until(1)
        await stored(db, ada, "two")
        # As at first it names no cursor: its header does.
        came_back = {**AUTHORIZED, "Last-Event-ID": follower.cursor}
        async with following(sse, one.url, ada, None, came_back) as follower:
            await until(lambda: ("CREATED", "two", 1) in follower.told)
        wrong = {**AUTHORIZED, "Last-Event-ID": "7"}
        assert await refusal(sse, one.url, ada, None, wrong) == "BAD_USER_INPUT"
