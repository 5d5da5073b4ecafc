from __future__ import annotations

from uuid import uuid4

import pytest

from api.schema.identity import Identity, Kind, global_id, identity
from tests.asking import Asker
from tests.schema.test_writing import a_context, a_conversation, a_user


def test_an_id_says_what_it_names_and_has_one_spelling() -> None:
    user, row = uuid4(), uuid4()
    id = global_id(Kind.Context, user, row)
    assert identity(id) == Identity(Kind.Context, user, row)
    assert identity(global_id(Kind.User, user, user)) == Identity(Kind.User, user, user)
    for other in (id + "=", id[:-1], f" {id}", id.swapcase(), "", "🙂", "VXNlcjox", "\x00"):
        assert identity(other) != identity(id)


async def test_every_object_is_fetched_again_by_its_id_with_the_same_type(asker: Asker) -> None:
    user = await a_user(asker)
    ids = [user, (await a_context(asker, user))["id"], (await a_conversation(asker, user))["id"]]
    for id in ids:
        data = await asker.data("query($id: ID!) { node(id: $id) { __typename id } }", id=id)
        assert data["node"]["id"] == id


async def test_nodes_keep_order_and_repeats_and_are_null_where_nothing_is(asker: Asker) -> None:
    user = await a_user(asker)
    context = (await a_context(asker, user))["id"]
    unknown = global_id(Kind.Context, uuid4(), uuid4())
    ids = [context, "nonsense", user, unknown, context]
    data = await asker.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert [node and node["id"] for node in data["nodes"]] == [context, None, user, None, context]


async def test_more_than_a_hundred_nodes_are_refused(asker: Asker) -> None:
    many = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await asker.refused(many, ids=["x"] * 101) == "BAD_USER_INPUT"


async def test_an_id_under_another_users_name_finds_nothing(asker: Asker) -> None:
    ada, grace = await a_user(asker), await a_user(asker, "grace")
    context = identity((await a_context(asker, ada))["id"])
    graces = identity(grace)
    assert context is not None
    assert graces is not None
    borrowed = global_id(Kind.Context, graces.user, context.row)
    data = await asker.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        ids=[borrowed, global_id(Kind.Context, *context.owned)],
    )
    assert data["nodes"][0] is None
    assert data["nodes"][1] is not None
    deleting = "mutation($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }"
    assert await asker.refused(deleting, id=borrowed) == "NOT_FOUND"


@pytest.mark.parametrize("field", ["context", "conversation", "response"])
async def test_an_id_of_another_type_is_refused_by_a_field_that_wants_one_type(
    asker: Asker, field: str
) -> None:
    query = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    assert await asker.refused(query, id=await a_user(asker)) == "BAD_USER_INPUT"


async def test_a_user_is_found_by_either_identifier_and_only_by_one(asker: Asker) -> None:
    user = await a_user(asker)
    both = """query($by: UserBy!) { user(by: $by) { id externalId } }"""
    found = {"id": user, "externalId": "ada"}
    assert (await asker.data(both, by={"id": user}))["user"] == found
    assert (await asker.data(both, by={"externalId": "ada"}))["user"] == found
    assert (await asker.data(both, by={"externalId": "nobody"}))["user"] is None
    for wrong in ({}, {"id": user, "externalId": "ada"}, {"id": None}, {"externalId": None}):
        assert await asker.refused(both, by=wrong) == "BAD_USER_INPUT"


async def test_a_one_of_input_from_a_variable_in_a_fragment_that_comes_first_is_valid(
    asker: Asker,
) -> None:
    await a_user(asker)
    data = await asker.data(
        """fragment Found on Query { user(by: { externalId: $name }) { externalId } }
           query Q($name: String!) { ...Found }""",
        name="ada",
    )
    assert data["user"] == {"externalId": "ada"}


async def test_contexts_are_filtered_by_what_they_contain(asker: Asker) -> None:
    user = await a_user(asker)
    talk = await a_conversation(asker, user)
    await a_context(asker, user, metadata={"tags": ["a", "b"]}, conversationId=talk["id"])
    await a_context(asker, user, contextType="note", content={"deep": {"n": 1}})
    count = """query($filter: ContextFilter) { user(by: { externalId: "ada" }) {
      contexts(filter: $filter) { totalCount } } }"""

    async def counted(**filter: object) -> int:
        data = await asker.data(count, filter=filter)
        return int(data["user"]["contexts"]["totalCount"])

    assert await counted() == 2
    assert await counted(metadata={"tags": ["a"]}) == 1
    assert await counted(content={"deep": {"n": 1}}) == 1
    assert await counted(conversationId=talk["id"]) == 1
    assert await counted(contextTypes=["note", "knowledge"]) == 2
    assert await counted(createdAfter="2999-01-01T00:00:00Z") == 0
    assert await counted(createdBefore="2999-01-01T00:00:00Z", contextTypes=["note"]) == 1
    assert await asker.refused(count, filter={"contextTypes": ["a\x00"]}) == "BAD_USER_INPUT"
    assert await asker.refused(count, filter={"metadata": [1]}) == "BAD_USER_INPUT"
