"""A walk over the whole graph: whatever another user's credential names, it gets nothing of it.

The walk goes through every field that the schema has and fills every argument, so that a new one is part of it at
once. What cannot be known by itself is said here: whose the fields of the roots are, what an argument names.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Set
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import pytest
from graphql import (
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLString,
    get_named_type,
)

from api.door.documents import Documents
from api.observe import Faulted
from db.pool import Access
from tests.asking import SETTINGS, Asker, the_graph
from tests.carry.life import serving
from tests.db.test_walls import digest
from tests.schema.walking import LEFT_OUT, Walk, given, objects, places, value_at
from tests.schema.world import World, nobody, owner, peopled, versions

SCHEMA = the_graph()._schema

OWNED = "gives what an argument names, if it is the asker's: null or an error to everybody else"
OWN = "gives what is the asker's own; no argument names anything"
OPEN = "gives the same to everybody"
SERVICES = "is for services: FORBIDDEN to every user"

WHOSE = {
    "Query.viewer": OWN,
    "Query.node": OWNED,
    "Query.nodes": OWNED,
    "Query.user": OWNED,
    "Query.users": SERVICES,
    "Query.context": OWNED,
    "Query.conversation": OWNED,
    "Query.models": OPEN,
    "Query.response": OWNED,
    "Query.embeddings": SERVICES,
    "Query.stats": SERVICES,
    "Subscription.responseEvents": OWNED,
    "Subscription.contextChanges": OWNED,
    "Mutation.upsertUser": OWNED,
    "Mutation.createContext": OWNED,
    "Mutation.createContexts": OWNED,
    "Mutation.updateContext": OWNED,
    "Mutation.deleteContext": OWNED,
    "Mutation.restoreContext": OWNED,
    "Mutation.setProfile": OWNED,
    "Mutation.createConversation": OWNED,
    "Mutation.updateConversation": OWNED,
    "Mutation.generateResponse": OWNED,
    "Mutation.startResponse": OWNED,
    "Mutation.cancelResponse": OWNED,
    "Mutation.rateResponse": OWNED,
    # These leave less to ask for.
    "Mutation.deleteConversation": OWNED,
    "Mutation.eraseUser": SERVICES,
}
"""Whose it is that a field of a root gives, in the order in which they are asked."""

ANY_ID = ("user", "context", "profile", "conversation", "response")

NAMED: dict[str, tuple[str, ...]] = {
    "Query.node.id": ANY_ID,
    "Query.nodes.ids": ANY_ID,
    "UserBy.id": ("user",),
    "UserBy.externalId": ("external_id",),
    "Query.context.id": ("context",),
    "Query.conversation.id": ("conversation",),
    "Query.response.id": ("response",),
    "Subscription.responseEvents.id": ("response", "failed", "cancelled"),
    "Subscription.contextChanges.userId": ("user",),
    "Subscription.contextChanges.after": ("change",),
    "UpsertUserInput.externalId": ("external_id",),
    "EraseUserInput.userId": ("user",),
    "CreateContextInput.userId": ("user",),
    "CreateContextsInput.userId": ("user",),
    "SetProfileInput.userId": ("user",),
    "CreateConversationInput.userId": ("user",),
    "GenerateResponseInput.userId": ("user",),
    "UpdateContextInput.id": ("context",),
    "DeleteContextInput.id": ("context",),
    "RestoreContextInput.id": ("context",),
    "UpdateConversationInput.id": ("conversation",),
    "DeleteConversationInput.id": ("conversation",),
    "CancelResponseInput.id": ("response",),
    "RateResponseInput.id": ("response", "failed", "cancelled"),
}
"""Arguments that name somebody's objects, with what they are given in turn."""

ALSO_NAMED = {
    "ContextFilter.conversationId": "conversation",
    "User.grounding.conversationId": "conversation",
    "CreateContextInput.conversationId": "conversation",
    "NewContextInput.conversationId": "conversation",
    "GenerateResponseInput.conversationId": "conversation",
}
"""The same, where the asker's own need not be given."""

PLAIN: dict[str, Any] = {
    "first": 3,
    "query": "{word} swims",
    "message": "Does the {word} swim?",
    "contextType": "knowledge",
    "content": {"text": "The {word} swims."},
    "name": "Of the {word}",
    "title": "About the {word}",
    "score": 4,
    "comment": "The {word} is fine",
    "metadata": {"note": "{word}"},
    "version": 1,
    **dict.fromkeys(
        (
            "last", "after", "orderBy", "asOf", "mode", "budget", "model", "dryRun", "expiresAt", "createdAt",
            "matching", "contextTypes", "createdAfter", "createdBefore", "includeInactive", "idempotencyKey", "minutes",
            "points",
        ),
        LEFT_OUT,
    ),
    "ContextFilter.metadata": LEFT_OUT,
    "ContextFilter.content": LEFT_OUT,
    "UpdateContextInput.expectedVersion": "context_version",
    "RestoreContextInput.expectedVersion": "context_version",
    "UpdateConversationInput.expectedVersion": "conversation_version",
    "DeleteContextInput.expectedVersion": LEFT_OUT,
    "SetProfileInput.expectedVersion": LEFT_OUT,
    "DeleteConversationInput.expectedVersion": LEFT_OUT,
}  # fmt: skip
"""What is given where nothing is named, by place or by name; `{word}` is the asker's own."""

NOTHING_HERE = {
    "GroundingItem.semanticScore": "there is no embedding model",
    "ContextSearchEdge.semanticScore": "the same",
    "EmbeddingProgress": "the same",
    "TokenUsage.costUsd": "the extractive model costs nothing",
    "Viewer.rateLimit": "callers are not counted",
    "RateLimit": "the same",
    "EraseUserPayload.erasedAt": "it only counts",
    "Activity.since": "nothing is counted before the door",
    "ActivityPoint.store": "the same",
    "StoreMeasure": "the same",
    "ModelActivity": "the same",
}
"""Fields, or all fields of a type, that give nothing even to the owner, and why."""


def is_cursor(place: str, kind: object) -> bool:
    return place.endswith((".after", ".before")) and kind is GraphQLString


CURSORS = {place for place, kind in places(SCHEMA) if is_cursor(place, get_named_type(kind))}


def test_it_is_known_whose_every_field_of_a_root_is() -> None:
    roots = [SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type]
    there = {f"{root.name}.{name}" for root in roots if root for name in root.fields}
    assert there == set(WHOSE), "say in WHOSE whose it is that a new field of a root gives"


def test_it_is_known_what_every_argument_names() -> None:
    for place, kind in places(SCHEMA):
        known = {*NAMED, *ALSO_NAMED, *CURSORS}
        if get_named_type(kind) is GraphQLID:
            assert place in known, f"{place} is new: say in NAMED or ALSO_NAMED what it names"
        elif not isinstance(get_named_type(kind), GraphQLInputObjectType):
            assert place in known or place in PLAIN or place.split(".")[-1] in PLAIN, (
                f"{place} is new: say in NAMED what it names, or in PLAIN what to give"
            )


@dataclass(frozen=True, slots=True)
class Case:
    """A field of a root, and which of what its arguments may name they are given; None leaves one out."""

    root: GraphQLObjectType
    name: str
    chosen: Mapping[str, str | None]

    @property
    def coordinate(self) -> str:
        return f"{self.root.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class Filling:
    """What is given where: the asker's own, and at the `foreign` places what is the other's."""

    case: Case
    own: World
    other: World
    foreign: Set[str] = frozenset()
    asked: set[str] = field(default_factory=set)
    """Where something was named."""

    def __call__(self, place: str) -> Any:
        world = self.other if place in self.foreign else self.own
        if place in NAMED:
            name = self.case.chosen.get(place, NAMED[place][0])
            return LEFT_OUT if name is None else self._named(place, world[name])
        if place in ALSO_NAMED or place in CURSORS:
            value = self._named(place, world[ALSO_NAMED.get(place, "cursor")])
            return value if place in self.foreign else LEFT_OUT
        plain = PLAIN[place] if place in PLAIN else PLAIN[place.rsplit(".", maxsplit=1)[-1]]
        return self._said(plain, self.other if self.foreign else self.own)

    def _named(self, place: str, value: Any) -> Any:
        self.asked.add(place)
        return value

    def _said(self, plain: Any, named: World) -> Any:
        match plain:
            case dict():
                return {name: self._said(value, named) for name, value in plain.items()}
            case "context_version" | "conversation_version":
                return named[plain]
            case str():
                return plain.format(word=self.own["word"])
            case _:
                return plain


def cases() -> Iterator[Case]:
    """Every field of every root, with each thing that it may be given."""
    roots = {root.name: root for root in objects(SCHEMA)}
    for coordinate in WHOSE:
        root, name = coordinate.split(".")
        for chosen in choices(roots[root], name):
            yield Case(roots[root], name, chosen)


def choices(root: GraphQLObjectType, name: str) -> Iterator[Mapping[str, str | None]]:
    ways: list[list[dict[str, str | None]]] = []
    for argument, definition in root.fields[name].args.items():
        kind = get_named_type(definition.type)
        if isinstance(kind, GraphQLInputObjectType):
            parts = [f"{kind.name}.{part}" for part in kind.fields]
            named = [part for part in parts if part in NAMED]
            if kind.is_one_of:
                nothing = dict.fromkeys(parts)
                ways.append([{**nothing, part: it} for part in named for it in NAMED[part]])
            else:
                ways.extend([{part: it} for it in NAMED[part]] for part in named)
        elif (place := f"{root.name}.{name}.{argument}") in NAMED:
            ways.append([{place: it} for it in NAMED[place]])
    for way in product(*ways):
        yield {place: it for one in way for place, it in one.items()}


def top_places(case: Case) -> set[str]:
    """Where the arguments of the field itself name something."""
    filling = Filling(case, DUMMY, DUMMY)
    for argument, definition in case.root.fields[case.name].args.items():
        value_at(f"{case.coordinate}.{argument}", definition.type, filling, required=True)
    return filling.asked


DUMMY = dict.fromkeys(
    (
        *ANY_ID,
        "failed",
        "cancelled",
        "external_id",
        "cursor",
        "change",
        "word",
        "context_version",
        "conversation_version",
    ),
    1,
)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, or all the events of one, and what was walked through for it."""

    answers: list[dict[str, Any]]
    passed: set[str]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [error for answer in self.answers for error in answer.get("errors", ())]

    @property
    def codes(self) -> set[str]:
        return {error["extensions"]["code"] for error in self.errors}

    @property
    def has_nothing(self) -> bool:
        return all(
            value in (None, [None])
            for answer in self.answers
            for value in (answer.get("data") or {}).values()
        )


async def asked(asker: Asker, filling: Filling) -> Told:
    walk = Walk(SCHEMA, filling)
    document = walk.document(filling.case.root, filling.case.name)
    if filling.case.root is SCHEMA.subscription_type:
        answers = await followed(asker.follow(document, **walk.variables), filling.case.coordinate)
    else:
        answers = [await asker.ask(document, **walk.variables)]
    return Told(answers, walk.passed)


async def followed(events: AsyncGenerator[dict[str, Any], None], coordinate: str) -> list[Any]:
    """All of them, or the first of those that have no last."""
    told = []
    async with aclosing(events):
        async for one in events:
            told.append(one)
            if coordinate == "Subscription.contextChanges":
                break
    return told


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    wide = SETTINGS.model_copy(
        update=dict.fromkeys(
            ("max_document_bytes", "max_document_tokens", "max_comparisons", "max_depth", "max_aliases", "max_cost"),
            10**9,
        )
    )  # fmt: skip
    async with serving(reached) as served:
        yield replace(served, documents=Documents(SCHEMA, wide))


async def current(asker: Asker, world: World) -> World:
    """The world with the versions that its things have by now."""
    return {**world, **await versions(asker, world)}


def faults(asker: Asker) -> list[Faulted]:
    """Ours; one of the models of this world is there to fail."""
    return [fault for fault in asker.faults if fault.where != "generation"]


SAYABLE = {"NOT_FOUND", "FORBIDDEN", "BAD_USER_INPUT"}


async def test_another_users_credential_gets_nothing(asker: Asker) -> None:
    ada, bob = [
        await current(asker, await peopled(asker, external_id)) for external_id in ("ada", "bob")
    ]
    before = await digest(asker.server.db, owner(ada))
    nested: set[str] = set()
    for case in cases():
        everywhere = Filling(case, bob, ada)
        Walk(SCHEMA, everywhere).document(case.root, case.name)
        top = top_places(case)
        for place in sorted(everywhere.asked - (nested - top)) or [""]:
            await gets_nothing(asker.seen_by("bob"), Filling(case, bob, ada, {place}), place in top)
        nested |= everywhere.asked
    assert await digest(asker.server.db, owner(ada)) == before
    assert faults(asker) == []


async def gets_nothing(bob: Asker, filling: Filling, is_top: bool) -> None:
    """What is Ada's is told in the same words as what nobody has, and has none of hers."""
    told = await asked(bob, filling)
    where = f"{filling.case} with another's {set(filling.foreign)}: {told.answers}"
    assert filling.other["word"] not in json.dumps(told.answers), where
    assert told.codes <= SAYABLE, where
    whose = WHOSE[filling.case.coordinate]
    if whose is SERVICES:
        assert told.codes == {"FORBIDDEN"}, where
    elif whose is OWNED and is_top:
        assert told.has_nothing, where
    absent = await asked(bob, replace(filling, other=nobody(filling.own["word"])))
    assert absent.errors == told.errors, where


async def test_the_owner_gets_all_of_it(asker: Asker) -> None:
    ada = await peopled(asker, "ada")
    passed: set[str] = set()
    found: set[str] = set()
    for case in cases():
        is_for_services = WHOSE[case.coordinate] is SERVICES
        filling = Filling(case, await current(asker, ada), DUMMY)
        told = await asked(asker if is_for_services else asker.seen_by("ada"), filling)
        assert not told.errors, f"{case}: {told.errors}"
        passed |= told.passed
        found |= set(given(told.answers))
    everything = {f"{kind.name}.{name}" for kind in objects(SCHEMA) for name in kind.fields}
    assert passed == everything
    missing = {
        one for one in everything - found if not {one, one.split(".")[0]} & NOTHING_HERE.keys()
    }
    assert not missing, (
        "these gave the owner nothing, so that the walk proves nothing of them: plant something in "
        f"tests/schema/world.py, or say in NOTHING_HERE why not: {sorted(missing)}"
    )
    assert faults(asker) == []
