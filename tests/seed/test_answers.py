"""What `contextql seed` stores: users, and answers of the server's own with all that can be seen of one."""

from __future__ import annotations

from typing import Any

from api.allowed import limits, tuning
from api.seed import answer_all, seed_all
from db import profiles, users
from db.embedded import Embedded
from db.pool import Access, Database, opened
from tests.asking import SETTINGS, Asker
from tests.databases import database

ANSWERS = """
query ($user: String!) {
  user(by: { externalId: $user }) {
    conversations(first: 10) {
      edges { node {
        title
        turns { totalCount }
        responses(first: 5) { edges { node {
          status message text groundedness model
          rating { score comment }
          citations { number }
          grounding { budget tokens items { included reason section contextVersion tokens rank } }
        } } }
      } }
    }
  }
}
"""


async def seeded(db: Database) -> None:
    await seed_all(db)
    await answer_all(db, tuning(SETTINGS), limits(SETTINGS))


async def answers(asker: Asker, user: str) -> dict[str, list[dict[str, Any]]]:
    """What was asked of a user, by the title of the conversation; only what was answered."""
    found = (await asker.data(ANSWERS, user=user))["user"]["conversations"]["edges"]
    talks = {edge["node"]["title"]: edge["node"]["responses"]["edges"] for edge in found}
    return {
        title: [one["node"] for one in responses] for title, responses in talks.items() if responses
    }


async def test_ada_has_an_answer_with_citations_and_a_receipt_of_what_is_in_and_what_is_not(
    asker: Asker,
) -> None:
    await seeded(asker.server.db)
    told = await answers(asker, "ada")
    everything = [one for answers in told.values() for one in answers]
    assert {one["status"] for one in everything} == {"COMPLETED"}
    for one in everything:
        assert one["citations"], one
        assert one["grounding"]["tokens"] <= one["grounding"]["budget"]
    for one in told["Before the flight"]:
        assert {item["included"] for item in one["grounding"]["items"]} == {True, False}
    first, second = sorted(told["Before the flight"], key=lambda one: str(one["message"]))
    assert "12 December" in first["text"]
    assert "Niels" in second["text"]
    assert first["rating"] == {"score": 5, "comment": "Exactly what I needed to know."}
    assert "penicillin" in told["At the pharmacy"][0]["text"]


async def test_everybody_has_answers_and_two_are_rated(asker: Asker) -> None:
    await seeded(asker.server.db)
    everything = [
        one
        for user in ("ada", "grace", "mary")
        for answered in (await answers(asker, user)).values()
        for one in answered
    ]
    assert len(everything) == 5
    assert sum(one["rating"] is not None for one in everything) == 2
    assert all(one["text"].startswith("What is stored says:") for one in everything)


async def test_to_seed_again_adds_nothing_and_asks_only_what_was_not_asked(asker: Asker) -> None:
    db = asker.server.db
    count = "select (select count(*) from contexts) + (select count(*) from responses) as all"
    # As a version has left it that stored no answers.
    await seed_all(db)
    await seeded(db)
    (before,) = await db.fetch(count)
    await seeded(db)
    (after,) = await db.fetch(count)
    assert before == after


async def test_the_answers_are_the_same_in_every_database(
    asker: Asker, postgres: Embedded, reached: Access
) -> None:
    await seeded(asker.server.db)
    async with database(postgres) as url, opened(Access(url=url)) as other:
        await seeded(other)
        told = [[tuple(row) for row in await db.fetch(TEXTS)] for db in (asker.server.db, other)]
    assert told[0] == told[1]


TEXTS = """
select r.message, r.text, jsonb_array_length(r.grounding -> 'items') from responses r order by r.message
"""


async def test_a_user_of_the_same_name_who_was_there_before_is_left_alone(asker: Asker) -> None:
    db = asker.server.db
    ada = await users.upsert(db, "ada")
    await profiles.set_profile(db, ada.id, {"home": "Paris"}, "home: Paris")
    await seeded(db)
    assert await answers(asker, "ada") == {}
    assert (await answers(asker, "grace")).keys() == {"Before the lecture"}
