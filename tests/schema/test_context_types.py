"""`User.contextTypes`: how many contexts of each type a user has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from db import context_writes, users
from tests.asking import Asker
from tests.making import a_user, knowledge

TYPES = '{ user(by: { externalId: "ada" }) { contextTypes { contextType contexts } } }'
EVERYBODY = "{ users { edges { node { externalId contextTypes { contextType contexts } } } } }"


async def types(asker: Asker, *names: str) -> None:
    ada = await a_user(asker.server.db)
    new = [knowledge("Chess.", context_type=name) for name in names]
    await context_writes.create_many(asker.server.db, ada.id, new)


def counts(user: Any) -> list[tuple[str, int]]:
    return [(one["contextType"], one["contexts"]) for one in user["contextTypes"]]


async def test_each_type_is_counted_most_first_and_equals_by_name(asker: Asker) -> None:
    await types(asker, "note", "knowledge", "knowledge", "fact", "preference", "preference")
    user = (await asker.data(TYPES))["user"]
    assert counts(user) == [("knowledge", 2), ("preference", 2), ("fact", 1), ("note", 1)]


async def test_what_was_deleted_or_has_expired_is_not_counted(asker: Asker) -> None:
    db = asker.server.db
    await types(asker, "note", "note", "fact")
    ada = users.id_of(db, "ada")
    past = datetime.now(UTC) - timedelta(hours=1)
    later = datetime.now(UTC) + timedelta(hours=1)
    kept, _, gone = await context_writes.create_many(
        db,
        ada,
        [
            knowledge("Chess.", context_type="note", expires_at=later),
            knowledge("Chess.", context_type="note", expires_at=past),
            knowledge("Chess.", context_type="rumour", expires_at=past),
        ],
    )
    assert counts((await asker.data(TYPES))["user"]) == [("note", 3), ("fact", 1)]
    await context_writes.soft_delete(db, ada, kept.id)
    assert counts((await asker.data(TYPES))["user"]) == [("note", 2), ("fact", 1)]
    assert gone.context_type == "rumour"


async def test_of_many_users_it_is_one_statement_and_each_has_their_own(
    asker: Asker, statements: list[str]
) -> None:
    await types(asker, "note")
    bob = await a_user(asker.server.db, "bob")
    await a_user(asker.server.db, "cy")
    await context_writes.create(asker.server.db, bob.id, knowledge("Go."))
    statements.clear()
    edges = (await asker.data(EVERYBODY))["users"]["edges"]
    assert len(statements) == 2
    assert {edge["node"]["externalId"]: counts(edge["node"]) for edge in edges} == {
        "ada": [("note", 1)],
        "bob": [("knowledge", 1)],
        "cy": [],
    }


async def test_a_user_sees_their_own(asker: Asker) -> None:
    await types(asker, "note")
    await a_user(asker.server.db, "bob")
    assert counts((await asker.seen_by("ada").data(TYPES))["user"]) == [("note", 1)]
    assert (await asker.seen_by("bob").data(TYPES))["user"] is None
