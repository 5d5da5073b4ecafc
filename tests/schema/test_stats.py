"""`Query.stats`: what there is in the whole store, for services."""

from __future__ import annotations

from typing import Any

from db import context_writes
from tests.asking import Asker
from tests.making import a_user as a_stored_user
from tests.making import knowledge
from tests.responding import a_user, generated, rated

STATS = """{ stats {
  users contexts responses bytes isEstimated averageRating
  retrievalLatency { p50Ms p95Ms p99Ms }
  largestUsers { user { externalId storage { contextCount bytes } } contexts bytes }
} }"""
SEARCH = 'query($id: ID!) { user(by: { id: $id }) { search(query: "chess") { edges { score } } } }'


async def stats(asker: Asker) -> Any:
    return (await asker.data(STATS))["stats"]


async def test_an_empty_store_has_nothing_and_says_so(asker: Asker) -> None:
    found = await stats(asker)
    assert found.pop("bytes") > 100_000
    assert found == {
        "users": 0, "contexts": 0, "responses": 0, "isEstimated": False, "averageRating": None,
        "retrievalLatency": {"p50Ms": None, "p95Ms": None, "p99Ms": None}, "largestUsers": [],
    }  # fmt: skip


async def test_what_is_stored_is_counted_and_the_largest_stand_first(asker: Asker) -> None:
    db = asker.server.db
    for count in range(12):
        someone = await a_stored_user(db, f"user {count:02}")
        await context_writes.create_many(db, someone.id, [knowledge("Chess.")] * count)
    found = await stats(asker)
    assert (found["users"], found["contexts"], found["isEstimated"]) == (12, 66, False)
    largest = found["largestUsers"]
    assert [one["user"]["externalId"] for one in largest] == [
        f"user {count:02}" for count in range(11, 1, -1)
    ]
    for one in largest:
        assert one["user"]["storage"] == {"contextCount": one["contexts"], "bytes": one["bytes"]}


async def test_the_average_is_of_all_that_is_rated_as_it_is_rated_now(asker: Asker) -> None:
    ids = [(await generated(asker, await a_user(asker, name)))["id"] for name in ("ada", "bob")]
    await generated(asker, await a_user(asker))
    await rated(asker, ids[0], 1)
    assert (await stats(asker))["averageRating"] == 1
    await rated(asker, ids[0], 5)
    await rated(asker, ids[1], 2)
    assert (await stats(asker))["averageRating"] == 3.5
    assert (await stats(asker))["responses"] == 3


async def test_the_latency_is_of_the_searches_and_answers_of_this_process(asker: Asker) -> None:
    user = await a_user(asker)
    await asker.data(SEARCH, id=user)
    one = (await stats(asker))["retrievalLatency"]
    assert one["p50Ms"] == one["p99Ms"] > 0
    for _ in range(20):
        await generated(asker, user, "Does Ada play chess?")
    many = (await stats(asker))["retrievalLatency"]
    assert 0 < many["p50Ms"] <= many["p95Ms"] <= many["p99Ms"]


async def test_a_user_is_refused_and_no_statement_is_sent(
    asker: Asker, statements: list[str]
) -> None:
    await a_user(asker)
    statements.clear()
    ada = asker.seen_by("ada")
    for asked in (STATS, "{ stats { users } }", "{ stats { largestUsers { contexts } } }"):
        assert await ada.refused(asked) == "FORBIDDEN"
    assert statements == []


async def test_numbers_are_one_statement_whatever_is_asked_of_them(
    asker: Asker, statements: list[str]
) -> None:
    statements.clear()
    await asker.data("{ stats { users contexts responses bytes averageRating isEstimated } }")
    assert len(statements) == 1
