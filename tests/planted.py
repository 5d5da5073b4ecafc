"""Two users, each with one of everything, and a word in all of it that nobody but that user may read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Ask = Callable[..., Awaitable[Any]]
"""Asks a query with variables, and gives the data of an answer that has to be without errors."""

WORDS = {"ada": "narwhal", "bob": "quokka"}
"""The word of each user, by the external id."""

USER = """mutation($input: UpsertUserInput!) { upsertUser(input: $input) { user { id } } }"""
TALK = """mutation($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }"""
STORE = (
    """mutation($input: CreateContextInput!) { createContext(input: $input) { context { id } } }"""
)
CHANGE = (
    """mutation($input: UpdateContextInput!) { updateContext(input: $input) { context { id } } }"""
)
PROFILE = """mutation($input: SetProfileInput!) { setProfile(input: $input) { profile { id } } }"""
ANSWER = """mutation($input: GenerateResponseInput!) { generateResponse(input: $input) { response { id } } }"""
CURSORS = """query($id: ID!) { user(by: { id: $id }) {
  contexts(first: 2) { edges { cursor } } conversations(first: 2) { edges { cursor } } } }"""


EVERYTHING = """query($id: ID!) { user(by: { id: $id }) {
  externalId name metadata updatedAt profile { content version }
  contexts(filter: { includeInactive: true }) { totalCount edges { node { content metadata version isActive } } }
  conversations { totalCount edges { node { title metadata version responses { edges { node { text status } } } } } }
} }"""
"""All that a user can read of its own."""


def over_http(client: httpx.AsyncClient) -> Ask:
    """Asks the server that the client is of."""

    async def ask(query: str, **variables: Any) -> Any:
        answer = await client.post("/graphql", json={"query": query, "variables": variables})
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    return ask


@dataclass(frozen=True, slots=True)
class Planted:
    """What one user has, by global ids; `cursors` are places in the lists of contexts and of conversations."""

    external_id: str
    user: str
    conversation: str
    context: str
    profile: str
    response: str
    cursors: tuple[str, ...]

    @property
    def ids(self) -> dict[str, str]:
        """An id of each type that has one."""
        return {
            "User": self.user,
            "Context": self.context,
            "Conversation": self.conversation,
            "Response": self.response,
        }


async def planted(ask: Ask, external_id: str) -> Planted:
    """Store one of everything for that user, with the user's word in it."""
    word = WORDS[external_id]
    kept = {"metadata": {"note": word, word: True}}
    user = await _made(ask, USER, externalId=external_id, name=f"Of the {word}", **kept)
    conversation = await _made(ask, TALK, userId=user, title=f"About a {word}", **kept)
    context = await _made(
        ask,
        STORE,
        userId=user,
        contextType="knowledge",
        conversationId=conversation,
        content={"text": f"The first {word} swims."},
        **kept,
    )
    await _made(ask, CHANGE, id=context, expectedVersion=1, content={"text": f"A {word} swims."})
    profile = await _made(ask, PROFILE, userId=user, content={"pet": word})
    response = await _made(
        ask, ANSWER, userId=user, conversationId=conversation, message=f"Does the {word} swim?"
    )
    found = (await ask(CURSORS, id=user))["user"]
    cursors = tuple(edge["cursor"] for of in found.values() for edge in of["edges"])
    return Planted(external_id, user, conversation, context, profile, response, cursors)


async def _made(ask: Ask, mutation: str, **input: Any) -> str:
    """The id of what the mutation has made or changed."""
    (payload,) = (await ask(mutation, input=input)).values()
    (thing,) = payload.values()
    return str(thing["id"])


def id_spoken_of(path: str, ids: Mapping[str, str]) -> str:
    """Of these ids by type, the one that a path of names speaks of; that of the user where it speaks of none."""
    last = path.rpartition(".")[2].lower()
    spoken = last if last not in {"id", "ids"} else path.lower()
    named = [kind for kind in ("Conversation", "Context", "Response") if kind.lower() in spoken]
    return ids[named[0] if named else "User"]
