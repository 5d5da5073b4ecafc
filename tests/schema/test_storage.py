"""`User.storage`: how much is kept for a user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from db import context_writes, users
from db.context_writes import Revision
from db.pool import Access
from tests.asking import Asker
from tests.carry.life import a_life, serving
from tests.making import a_context, knowledge
from tests.making import a_user as a_stored_user
from tests.responding import a_user, generated, rated

STORAGE = "query($id: ID!) { user(by: { id: $id }) { storage { contextCount bytes } } }"
COUNTED = """query($id: ID!) {
  user(by: { id: $id }) { storage { contextCount } contexts { totalCount } }
}"""
EVERYBODY = "{ users { edges { node { externalId storage { contextCount bytes } } } } }"


async def storage(asker: Asker, user: str) -> Any:
    return (await asker.data(STORAGE, id=user))["user"]["storage"]


async def test_a_user_who_was_just_made_has_nothing(asker: Asker) -> None:
    assert await storage(asker, await a_user(asker)) == {"contextCount": 0, "bytes": 0}


async def test_contexts_that_are_there_are_counted_and_bytes_are_of_all_that_is_kept(
    asker: Asker,
) -> None:
    user, db = await a_user(asker), asker.server.db
    ada = await a_stored_user(db)
    one, two = await a_context(db, ada), await a_context(db, ada)
    before = await storage(asker, user)
    assert before["contextCount"] == 2
    assert before["bytes"] > 100
    await context_writes.soft_delete(db, ada.id, one.id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await context_writes.update(db, ada.id, two.id, 1, Revision(expires_at=(past,)))
    after = await storage(asker, user)
    assert after["contextCount"] == 0
    # What was is kept beside what is.
    assert after["bytes"] > before["bytes"]


async def test_each_kind_of_what_is_kept_adds_to_the_bytes(asker: Asker) -> None:
    user, db = await a_user(asker), asker.server.db
    ada = await a_stored_user(db)
    context = await a_context(db, ada)
    sizes = [(await storage(asker, user))["bytes"]]
    await db.fetch(
        "insert into embedding_models (model, dimensions, wanted_until) values ('m', 3, now())"
    )
    await db.fetch(
        "insert into context_embeddings values ($1, $2, 'm', '[1,2,3]'::halfvec)",
        ada.id,
        context.id,
    )
    sizes.append((await storage(asker, user))["bytes"])
    assert sizes[1] - sizes[0] == 8 + 2 * 3
    answer = await generated(asker, user, "What does Ada play?")
    sizes.append((await storage(asker, user))["bytes"])
    await rated(asker, answer["id"], 4, "x" * 100)
    sizes.append((await storage(asker, user))["bytes"])
    assert sizes[3] - sizes[2] >= 100
    assert sizes == sorted(set(sizes))


async def test_an_embedding_takes_what_postgresql_says_it_takes(asker: Asker) -> None:
    db = asker.server.db
    for dimensions in (1, 64, 384, 1536, 3072):
        (row,) = await db.fetch(
            "select pg_column_size(array_fill(0.5::real, array[$1::integer])::halfvec) as bytes",
            dimensions,
        )
        assert row["bytes"] == 8 + 2 * dimensions


async def test_what_is_counted_is_what_is_listed(reached: Access) -> None:
    async with serving(reached) as asker:
        user = await a_life(asker)
        found = (await asker.data(COUNTED, id=user))["user"]
    assert found["storage"]["contextCount"] == found["contexts"]["totalCount"] > 20


async def test_of_many_users_it_is_one_statement_and_each_has_their_own(
    asker: Asker, statements: list[str]
) -> None:
    db = asker.server.db
    for count, name in enumerate(("ada", "bob", "cy")):
        someone = await a_stored_user(db, name)
        await context_writes.create_many(db, someone.id, [knowledge("Chess.")] * count)
    statements.clear()
    found = (await asker.data(EVERYBODY))["users"]["edges"]
    assert len(statements) == 2
    counts = {edge["node"]["externalId"]: edge["node"]["storage"]["contextCount"] for edge in found}
    assert counts == {"ada": 0, "bob": 1, "cy": 2}


async def test_a_user_sees_their_own_and_nobody_elses(asker: Asker) -> None:
    db = asker.server.db
    ada, bob = await a_user(asker), await a_user(asker, "bob")
    await a_context(db, await a_stored_user(db, "bob"))
    assert await storage(asker.seen_by("bob"), bob) == await storage(asker, bob)
    assert (await asker.seen_by("bob").data(STORAGE, id=ada))["user"] is None
    assert users.id_of(db, "bob") != users.id_of(db, "ada")
