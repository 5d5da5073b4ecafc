"""Contexts that are stored without being read back look as they do when they are read."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from api.schema.as_given import UNCHANGED
from tests.asking import Asker, the_graph
from tests.schema.test_writing import a_conversation, a_user

# PostgreSQL writes shorter keys first, and numbers without an exponent.
WRITTEN_OTHERWISE = {"text": "Ada plays chess.", "b": {"zz": 1, "a": 2}, "far": 1e16, "near": -0.0}

CREATE = "mutation($input: CreateContextsInput!) { createContexts(input: $input) { contexts { id %s } } }"
READ = "query($id: ID!) { node(id: $id) { ... on Context { id %s } } }"


def leaves() -> list[str]:
    """All that is read of a context without a selection of its own."""
    kind = the_graph()._schema.type_map["Context"]
    assert isinstance(kind, GraphQLObjectType)
    return [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]


async def given(asker: Asker) -> dict[str, Any]:
    """Two contexts, one of them with all that an input can say."""
    user = await a_user(asker)
    talk = await a_conversation(asker, user)
    full = {
        "contextType": "knowledge",
        "content": WRITTEN_OTHERWISE,
        "metadata": WRITTEN_OTHERWISE,
        "conversationId": talk["id"],
        "createdAt": "2001-02-03T04:05:06.789012345+02:00",
        "expiresAt": "2999-01-01T00:00:00+02:00",
    }
    return {"userId": user, "contexts": [full, {"contextType": "note", "content": {"n": 1}}]}


@pytest.mark.parametrize("asked", [*leaves(), "user { id }", "conversation { id title }", ""])
async def test_what_is_answered_is_what_is_read_afterwards(asker: Asker, asked: str) -> None:
    made = await asker.data(CREATE % asked, input=await given(asker))
    for context in made["createContexts"]["contexts"]:
        read = await asker.data(READ % asked, id=context["id"])
        # Equal objects may be written in another order.
        assert repr(context) == repr(read["node"])


@pytest.mark.parametrize(
    "asked",
    [
        "... on Context { content }",
        "... { ...Part }",
        "version other: content",
        "content @include(if: true)",
    ],
)
async def test_content_is_read_back_wherever_it_is_asked_for(asker: Asker, asked: str) -> None:
    fragment = " fragment Part on Context { content }" if "Part" in asked else ""
    made = await asker.data(CREATE % asked + fragment, input=await given(asker))
    first, _ = made["createContexts"]["contexts"]
    content = first.get("content") or first["other"]
    assert list(content) == ["b", "far", "near", "text"]


async def test_content_is_read_back_when_the_payload_is_asked_for_twice(asker: Asker) -> None:
    twice = """mutation($input: CreateContextsInput!) {
      createContexts(input: $input) { contexts { id } ...More } }
      fragment More on CreateContextsPayload { contexts { content } }"""
    made = await asker.data(twice, input=await given(asker))
    assert list(made["createContexts"]["contexts"][0]["content"]) == ["b", "far", "near", "text"]


def test_the_fields_that_do_without_are_fields_of_a_context() -> None:
    assert set(leaves()) >= UNCHANGED - {"__typename"}
