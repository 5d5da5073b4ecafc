from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import context_writes, contexts, conversations, search
from db.context_writes import NewContext, Revision
from db.filters import ContextFilter
from db.pool import Database
from db.records import Hit, User
from db.search import PRESENT, Bm25
from tests.making import a_user, knowledge

ANY = ContextFilter()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def matching(
    db: Database, user: User, message: str, wanted: ContextFilter = ANY, limit: int = 10
) -> list[Hit]:
    return await search.matching(db, user.id, message, Bm25(), limit, wanted)


async def texts(db: Database, user: User, hits: list[Hit]) -> list[str]:
    found = await contexts.get_many(db, [(user.id, hit.id) for hit in hits]) if hits else {}
    return [str(found[user.id, hit.id].content["text"]) for hit in hits]


@pytest.mark.parametrize(
    ("message", "best"),
    [
        ("What does Ada play on Sundays?", "Ada plays chess on Sundays."),
        ("tea", "Ada drinks tea with lemon."),
        ("drinking!", "Ada drinks tea with lemon."),
    ],
)
async def test_the_words_of_a_question_are_ored_and_ranked(
    db: Database, message: str, best: str
) -> None:
    user = await a_user(db)
    facts = ["Ada plays chess on Sundays.", "Ada drinks tea with lemon.", "The engine is finished."]
    await context_writes.create_many(db, user.id, [knowledge(fact) for fact in facts])
    assert (await texts(db, user, await matching(db, user, message)))[0] == best


@pytest.mark.parametrize(
    "message",
    ["", "   ", "the of and", "'", "\\", "a & b | !c <-> d", "'); drop table users;--", "🙂"],
)
async def test_any_message_is_safe_to_search_for(db: Database, message: str) -> None:
    user = await a_user(db)
    await context_writes.create(db, user.id, knowledge("It's a back\\slash & 'quotes'."))
    assert len(await matching(db, user, message)) <= 1


async def test_words_with_quotes_and_backslashes_are_found(db: Database) -> None:
    user = await a_user(db)
    await context_writes.create(db, user.id, knowledge(r"The path is C:\engine\o'brien.txt"))
    assert await matching(db, user, r"where is C:\engine\o'brien.txt")


async def test_only_the_users_own_active_contexts_match(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    await context_writes.create(db, grace.id, knowledge("Grace plays chess."))
    deleted = await context_writes.create(db, ada.id, knowledge("Chess was yesterday."))
    await context_writes.soft_delete(db, ada.id, deleted.id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await context_writes.create(db, ada.id, knowledge("Chess is over.", expires_at=past))
    assert await matching(db, ada, "chess") == []
    everything = ContextFilter(include_inactive=True)
    assert [hit.id for hit in await matching(db, ada, "chess", everything)] == [deleted.id]


async def test_a_long_message_is_searched_for_by_its_beginning_and_its_end(db: Database) -> None:
    user = await a_user(db)
    named = ("alpha", "omega", "middling")
    await context_writes.create_many(db, user.id, [knowledge(word) for word in named])
    filler = " ".join(f"filler{n}" for n in range(3000))
    message = f"alpha {filler} middling {filler[::-1]} omega"
    assert set(await texts(db, user, await matching(db, user, message))) == {"alpha", "omega"}
    assert len(await matching(db, user, "alpha omega middling " * 500)) == 3


def bm25(stored: list[list[str]], asked: set[str], k1: float, b: float) -> list[float]:
    """The formula as Robertson and Zaragoza give it, with Lucene's weight, which is never negative."""
    mean = sum(map(len, stored)) / len(stored)
    scores = []
    for words in stored:
        score = 0.0
        for word in asked & set(words):
            having = sum(word in other for other in stored)
            weight = math.log(1 + (len(stored) - having + 0.5) / (having + 0.5))
            times = words.count(word)
            norm = k1 * (1 - b + b * len(words) / mean)
            score += weight * times * (k1 + 1) / (times + norm)
        scores.append(score)
    return scores


WORDS = ("chess", "lemon", "engine", "river", "copper", "violin", "garden", "winter")


@given(
    stored=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), min_size=1, max_size=12
    ),
    asked=st.sets(st.sampled_from(WORDS), min_size=1, max_size=4),
    k1=st.sampled_from([0.0, 1.2, 2.0]),
    b=st.sampled_from([0.0, 0.75, 1.0]),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_the_scores_are_those_of_bm25_over_the_users_own_contexts(
    database_url: str, stored: list[list[str]], asked: set[str], k1: float, b: float
) -> None:
    from_database = await scored(database_url, stored, asked, Bm25(k1, b))
    expected = bm25(stored, asked, k1, b)
    assert from_database == pytest.approx([score for score in expected if score > 0])


async def scored(
    database_url: str, stored: list[list[str]], asked: set[str], weights: Bm25
) -> list[float]:
    """What search gives to each context that it finds, in the order they were stored."""
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        user = UUID(int=1)
        await connection.execute(
            "insert into users (id, external_id) values ($1, 'ada'), ($2, 'other')",
            user,
            UUID(int=2),
        )
        insert = """
            insert into contexts (user_id, id, context_type, content, created_at, search)
            values ($1, $2, 'knowledge', '{}', $3, to_tsvector('simple', $4))
        """
        for n, words in enumerate(stored):
            at = NOON + timedelta(minutes=n)
            await connection.execute(insert, user, UUID(int=n), at, " ".join(words))
            # What another user knows makes no word less rare.
            await connection.execute(insert, UUID(int=2), UUID(int=n), at, " ".join(WORDS))
        condition, _ = ANY.condition(first=7)
        rows = await connection.fetch(
            search.matching_statement(PRESENT, condition),
            user, "simple", " ".join(asked), weights.k1, weights.b, 100,
        )  # fmt: skip
    finally:
        await transaction.rollback()
        await connection.close()
    return [row["score"] for row in sorted(rows, key=lambda row: row["id"])]


async def test_a_filter_narrows_what_is_found_and_not_how_rare_a_word_is(db: Database) -> None:
    user = await a_user(db)
    await context_writes.create_many(
        db,
        user.id,
        [knowledge("Ada plays chess."), knowledge("Chess, again.", context_type="note")],
    )
    everything = {hit.id: hit.score for hit in await matching(db, user, "chess")}
    (note,) = await matching(db, user, "chess", ContextFilter(context_types=("note",)))
    assert everything[note.id] == note.score


async def test_search_as_of_a_moment_finds_what_was_known_then(db: Database) -> None:
    user = await a_user(db)
    one = await context_writes.create(db, user.id, knowledge("Ada stays at Hotel Astoria."))
    gone = await context_writes.create(db, user.id, knowledge("The Astoria has a garden."))
    then = await db.fetchrow("select clock_timestamp()")
    assert then is not None
    moment: datetime = then[0]
    text = "Ada stays at Hotel Petri."
    await context_writes.update(db, user.id, one.id, 1, Revision({"text": text}, text))
    await context_writes.soft_delete(db, user.id, gone.id)
    assert await matching(db, user, "Astoria") == []
    past = await search.matching(db, user.id, "Astoria", Bm25(), 10, ANY, moment)
    assert {hit.id for hit in past} == {one.id, gone.id}
    assert await search.matching(db, user.id, "Petri", Bm25(), 10, ANY, moment) == []


async def a_talk(db: Database, user: User, count: int) -> list[UUID]:
    """A conversation of so many turns, and their ids."""
    talk = await conversations.create(db, user.id, None, {})
    said = [
        NewContext(
            "conversation",
            {"role": "user", "message": f"turn {n}"},
            f"turn {n}",
            conversation_id=talk.id,
            created_at=NOON + timedelta(minutes=n),
        )
        for n in range(count)
    ]
    return [turn.id for turn in await context_writes.create_many(db, user.id, said)]


async def test_the_neighbours_of_a_turn_stand_beside_it_in_the_same_conversation(
    db: Database,
) -> None:
    user = await a_user(db)
    turns = await a_talk(db, user, 6)
    await a_talk(db, user, 6)
    fact = await context_writes.create(db, user.id, knowledge("A fact."))
    near = await search.neighbours(db, user.id, [turns[1], fact.id], 2, ANY)
    assert {(one.hit_id, one.id, one.distance) for one in near} == {
        (turns[1], turns[0], 1),
        (turns[1], turns[2], 1),
        (turns[1], turns[3], 2),
    }
    moment = datetime.now(UTC)
    await context_writes.soft_delete(db, user.id, turns[2])
    near = await search.neighbours(db, user.id, [turns[1]], 1, ANY)
    assert {one.id for one in near} == {turns[0], turns[3]}
    then = await search.neighbours(db, user.id, [turns[1]], 1, ANY, moment)
    assert {one.id for one in then} == {turns[0], turns[2]}


MANY = """
insert into users (id, external_id)
select ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, n::text
from generate_series(1, 5) n;
insert into contexts (user_id, id, context_type, content, search)
select u.id, gen_random_uuid(), 'knowledge', '{}', to_tsvector('english', 'word' || n || ' ' || n % 50)
from users u cross join generate_series(1, 1000) n;
vacuum analyze contexts
"""

VACUUMED = "select relallvisible >= relpages from pg_class where oid = 'contexts'::regclass"
"""Whether an index alone is known to tell what is there."""


async def test_a_search_goes_from_the_words_to_the_users_own_contexts_by_an_index(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for statement in MANY.split(";"):
            await connection.execute(statement)
        # Whoever looks at the tables in that moment, such as autovacuum, keeps the vacuum from its work.
        while not await connection.fetchval(VACUUMED):
            await connection.execute("vacuum contexts")
        condition, _ = ANY.condition(first=7)
        prepared = await connection.prepare(search.matching_statement(PRESENT, condition))
        plan = str(await prepared.explain(UUID(int=1), "english", "chess", 1.2, 0.75, 100))
        assert "contexts_terms" in plan
        assert "contexts_lengths" in plan
    finally:
        await connection.close()
