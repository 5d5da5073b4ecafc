"""A user with something in every field of the graph, and a word in all of it; and a user who never was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from api.models.extractive import Extractive
from api.schema.cursor import encoded, list_id
from api.schema.identity import Kind, global_id, named
from api.upkeep.summarise import summarise
from db.paging import EARLIEST
from tests.asking import Asker
from tests.planted import CHANGE, WORDS, planted
from tests.responding import begun, cancelled, generated, rated, spoken
from tests.upkeep.talk import by

World = Mapping[str, Any]
"""What may be named, by what it is: ids, the external id, a cursor; and the asker's word."""

TURNS = """mutation($user: ID!, $contexts: [NewContextInput!]!) {
  createContexts(input: { userId: $user, contexts: $contexts }) { contexts { id } } }"""


async def peopled(asker: Asker, external_id: str) -> World:
    """Store that user, and give what there is to name."""
    has = await planted(asker.data, external_id)
    word = WORDS[external_id]
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    change = {"id": has.context, "expectedVersion": 2, "expiresAt": later}
    await asker.data(CHANGE, input=change)
    turns = [
        {
            "contextType": "conversation",
            "content": {"role": "user", "message": f"The {word} swims {n} miles."},
            "conversationId": has.conversation,
            "expiresAt": later,
        }
        for n in range(14)
    ]
    await asker.data(TURNS, user=has.user, contexts=turns)
    await summarise(asker.server.db, by(Extractive()), asker.facts.append)
    now = datetime.now(UTC).isoformat()
    again = {"conversationId": has.conversation}
    await generated(asker, has.user, f"How far does the {word} swim?", asOf=now, **again)
    failed = await generated(asker, has.user, f"Does the {word} fail?", model="failing", **again)
    ended = await begun(asker, has.user, f"Does the {word} halt?", model="halting", **again)
    await spoken(asker, ended, "Che")
    await cancelled(asker, ended)
    await rated(asker, has.response, 5, f"A fine {word}")
    return {
        "user": has.user,
        "external_id": external_id,
        "context": has.context,
        "profile": has.profile,
        "conversation": has.conversation,
        "response": has.response,
        "failed": failed["id"],
        "cancelled": ended,
        "cursor": has.cursors[0],
        "change": encoded(list_id("Subscription.contextChanges", owner_of(has.user)), EARLIEST),
        "word": word,
    }


def nobody(word: str) -> World:
    """The same of a user who was never stored; the word is the asker's."""
    user = uuid4()
    rows = {"context": Kind.Context, "profile": Kind.Context, "conversation": Kind.Conversation}
    rows |= dict.fromkeys(("response", "failed", "cancelled"), Kind.Response)
    return {
        "user": global_id(Kind.User, user, user),
        "external_id": "nobody",
        **{name: global_id(kind, user, uuid4()) for name, kind in rows.items()},
        "cursor": "bm9ib2R5",
        "change": "bm9ib2R5",
        "context_version": 1,
        "conversation_version": 1,
        "word": word,
    }


async def versions(asker: Asker, world: World) -> dict[str, int]:
    """How often the context and the conversation have been changed by now."""
    asked = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Context { version } ... on Conversation { version } } }"
    found = await asker.data(asked, ids=[world["context"], world["conversation"]])
    names = ("context_version", "conversation_version")
    return {
        name: one["version"] if one else 1 for name, one in zip(names, found["nodes"], strict=True)
    }


def owner(world: World) -> UUID:
    return owner_of(world["user"])


def owner_of(id: str) -> UUID:
    return named(Kind.User, id)[0]
