"""A user with everything, made as applications make one: by asking the graph."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from api.models import MODELS, Model
from api.models.embedder import Embedders
from api.models.extractive import Extractive
from api.schema.identity import Kind, identity, named
from api.upkeep.summarise import summarise
from db import context_writes
from db.context_writes import Revision
from db.pool import Access
from tests.asking import SETTINGS, Asker, asking
from tests.responding import begun, cancelled, generated, rated, spoken
from tests.scripted import Scripted
from tests.upkeep.talk import by
from tests.waiting import the_first_sweep

UPSERT = """mutation {
  upsertUser(input: { externalId: "ada", name: "Ada ⚙️", metadata: { plan: "gold", limit: 1.5e300 } }) { user { id } }
}"""
PROFILE = """mutation($user: ID!, $content: JSON!) {
  setProfile(input: { userId: $user, content: $content }) { profile { id } }
}"""
TALK = """mutation($user: ID!, $title: String) {
  createConversation(input: { userId: $user, title: $title, metadata: { of: ["tests"] } }) { conversation { id } }
}"""
STORE = """mutation($user: ID!, $contexts: [NewContextInput!]!) {
  createContexts(input: { userId: $user, contexts: $contexts }) { contexts { id version } }
}"""
UPDATE = """mutation($id: ID!, $version: Int!, $content: JSON) {
  updateContext(input: { id: $id, expectedVersion: $version, content: $content, metadata: { edited: true } }) {
    context { version }
  }
}"""
DELETE = "mutation($id: ID!) { deleteContext(input: { id: $id }) { context { version } } }"
RESTORE = """mutation($id: ID!) {
  restoreContext(input: { id: $id, version: 1, expectedVersion: 2 }) { context { version } }
}"""
END_TALK = (
    "mutation($id: ID!) { deleteConversation(input: { id: $id }) { conversation { version } } }"
)


async def a_life(asker: Asker) -> str:
    """Ada, with all that there can be; gives the id of her user."""
    user = str((await asker.data(UPSERT))["upsertUser"]["user"]["id"])
    for home in ("London", "Ockham Park"):
        content = {"home": home, "interests": ["engines", "música", "𝄞\u2028"]}
        await asker.data(PROFILE, user=user, content=content)
    await _knowledge(asker, user)
    await _conversations(asker, user)
    return user


async def _knowledge(asker: Asker, user: str) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    told = [
        {"contextType": "knowledge", "content": {"text": "Ada stays at Hotel Astoria in Copenhagen.", "n": 2**62}},
        {"contextType": "preference", "content": {"text": "Ada drinks tea with lemon."}, "expiresAt": later},
        {"contextType": "allergy", "content": {"\\ \" '": ["", None, True, 0.1, 1e-7, {"Ä́": "🙂\t\n"}]}},
        {"contextType": "knowledge", "content": {"text": "The observatory opens at nine."}},
        {
            "contextType": "knowledge", "content": {"text": "Niels has a telescope."},
            "createdAt": "1999-12-31T23:59:59.123456Z",
        },
        {"contextType": "knowledge", "content": {"text": "The ferry leaves at noon."}},
    ]  # fmt: skip
    made = (await asker.data(STORE, user=user, contexts=told))["createContexts"]["contexts"]
    hotel, _, _, opens, niels, ferry = (one["id"] for one in made)
    await asker.data(UPDATE, id=hotel, version=1, content={"text": "Ada stays at Hotel Bristol."})
    await asker.data(UPDATE, id=hotel, version=2)
    await asker.data(DELETE, id=opens)
    await asker.data(DELETE, id=niels)
    await asker.data(RESTORE, id=niels)
    owner, row = named(Kind.Context, ferry)
    gone = Revision(expires_at=(datetime.now(UTC) - timedelta(hours=1),))
    await context_writes.update(asker.server.db, owner, row, 1, gone)


async def _conversations(asker: Asker, user: str) -> None:
    talk, ended = [
        (await asker.data(TALK, user=user, title=title))["createConversation"]["conversation"]["id"]
        for title in ("Planning the trip 🧳", None)
    ]
    said = [
        {
            "contextType": "conversation",
            "content": {"role": "user", "message": f"Note {n}: the museum shows engine {n}."},
            "conversationId": talk,
        }
        for n in range(14)
    ]
    await asker.data(STORE, user=user, contexts=said)
    await summarise(asker.server.db, by(Extractive()), asker.facts.append)
    for message in ("Where does Ada stay?", "What does the museum show?"):
        answer = await generated(asker, user, message, conversationId=talk)
        await rated(asker, answer["id"], 4)
    await rated(asker, answer["id"], 2, "Which engine? 🧐")
    await generated(asker, user, "What does Niels have?", asOf=datetime.now(UTC).isoformat())
    await generated(asker, user, "Fail, please.", model="failing", conversationId=talk)
    stopped = await begun(asker, user, "Halt.", model="halting", conversationId=ended)
    await spoken(asker, stopped, "Che")
    await cancelled(asker, stopped)
    await asker.data(END_TALK, id=ended)


def models(**more: Model) -> Mapping[str, Model]:
    """The extractive one, and two that go wrong."""
    failing = Scripted(["So ", RuntimeError("the model is on fire")], name="failing")
    halting = Scripted(["Che", asyncio.Event()], name="halting")
    return {**MODELS, "failing": failing, "halting": halting, **more}


@asynccontextmanager
async def serving(
    reached: Access, embedders: Embedders | None = None, **more: Model
) -> AsyncIterator[Asker]:
    """A server on that database whose upkeep leaves conversations alone."""
    settings = SETTINGS.model_copy(update={"summary_after": 0})
    chosen = {"embedders": embedders} if embedders else {}
    async with asking(reached, models(**more), settings, **chosen) as asker:
        # Later it would make inactive what arrives here expired.
        await the_first_sweep(asker.facts)
        yield asker


EVERYTHING = """
fragment Of on Context {
  id contextType content metadata createdAt updatedAt expiresAt isActive version text
  conversation { id }
  versions(first: 20) { totalCount edges { node { version content metadata isActive expiresAt validFrom validTo } } }
  citedBy(first: 10) { edges { node { id } } }
}
query($words: String!, $asOf: DateTime!, $mode: SearchMode! = KEYWORD) {
  user(by: { externalId: "ada" }) {
    externalId name metadata createdAt updatedAt
    profile { ...Of }
    contexts(first: 30, filter: { includeInactive: true }) { totalCount edges { node { ...Of } } }
    search(query: $words, mode: $mode, first: 20) { edges { score node { id } } }
    before: contexts(first: 30, asOf: $asOf) { edges { node { id content version } } }
  }
}
"""
TALKS = """
query {
  user(by: { externalId: "ada" }) {
    conversations(first: 10) {
      totalCount
      edges { node {
        id title metadata createdAt updatedAt isActive version
        summary { id content version }
        turns(first: 50) { totalCount edges { node { id content } } }
        responses(first: 10) { edges { node {
          id status message text model asOf groundedness createdAt firstTokenAt completedAt
          usage { inputTokens outputTokens }
          error { code message }
          rating { score comment createdAt }
          citations { number start end item { context { id } } }
          grounding { tokens budget prompt { role text } items {
            section reason rank included score keywordScore semanticScore number tokens truncated contextVersion
            context { id }
          } }
        } } }
      } }
    }
  }
}
"""


async def told(asker: Asker, words: str, moment: datetime, mode: str = "KEYWORD") -> Any:
    """All that the graph says of Ada, then and now, her ids without whose they are."""
    asked = {"words": words, "asOf": moment.isoformat(), "mode": mode}
    return _plain([await asker.data(EVERYTHING, **asked), await asker.data(TALKS)])


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case str() if known := identity(value):
            return known.kind, known.row
        case float():
            # What age takes from a score in a second is not told.
            return round(value, 4)
        case _:
            return value
