"""Connections by the letter of the Relay specification, over what the data is."""

from __future__ import annotations

import base64
from itertools import product
from typing import Any

import pytest

from db import context_writes, users
from db.filters import ContextFilter
from tests.asking import Asker
from tests.making import knowledge

PAGE = """
query($first: Int, $after: String, $last: Int, $before: String, $order: ContextOrder!) {
  user(by: { externalId: "ada" }) {
    contexts(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
      totalCount
      edges { cursor node { text } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""


async def seven(asker: Asker) -> list[str]:
    """Seven contexts of ada; their texts, newest first."""
    db = asker.server.db
    ada = await users.upsert(db, "ada")
    await context_writes.create_many(db, ada.id, [knowledge(f"fact {n}") for n in range(7)])
    return [f"fact {n}" for n in reversed(range(7))]


async def page(asker: Asker, order: str = "NEWEST_FIRST", **window: Any) -> dict[str, Any]:
    data = await asker.data(PAGE, order=order, **window)
    connection: dict[str, Any] = data["user"]["contexts"]
    return connection


def texts(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["text"] for edge in connection["edges"]]


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
async def test_every_legal_window_is_what_the_algorithm_of_the_specification_gives(
    asker: Asker, order: str
) -> None:
    listed = await seven(asker)
    if order == "OLDEST_FIRST":
        listed.reverse()
    everything = await page(asker, order, first=100)
    cursors = [edge["cursor"] for edge in everything["edges"]]
    sizes = [{"first": 3}, {"last": 3}, {"first": 0}, {"last": 0}, {"first": 7}, {"last": 100}]
    for size, after, before in product(sizes, [None, 0, 3, 6], [None, 0, 3, 6]):
        window = {
            **size,
            "after": None if after is None else cursors[after],
            "before": None if before is None else cursors[before],
        }
        found = await page(asker, order, **window)
        low = 0 if after is None else after + 1
        high = 7 if before is None else before
        between = listed[low:high]
        if "first" in size:
            expected = between[: size["first"]]
            has_next, has_previous = len(between) > size["first"], after is not None
        else:
            expected = between[-size["last"] :] if size["last"] else []
            has_next, has_previous = before is not None, len(between) > size["last"]
        info = found["pageInfo"]
        assert texts(found) == expected, window
        assert (info["hasNextPage"], info["hasPreviousPage"]) == (has_next, has_previous), window
        ends = [edge["cursor"] for edge in found["edges"]]
        assert info["startCursor"] == (ends[0] if ends else None)
        assert info["endCursor"] == (ends[-1] if ends else None)
        assert found["totalCount"] == 7


async def test_a_previous_page_is_claimed_only_while_it_is_there(asker: Asker) -> None:
    await seven(asker)
    first = await page(asker, first=1)
    after = first["pageInfo"]["endCursor"]
    assert (await page(asker, first=2, after=after))["pageInfo"]["hasPreviousPage"]
    db = asker.server.db
    await db.fetch('update contexts set is_active = false where content = \'{"text": "fact 6"}\'')
    assert not (await page(asker, first=2, after=after))["pageInfo"]["hasPreviousPage"]


async def test_cursors_stay_in_place_when_others_are_added(asker: Asker) -> None:
    listed = await seven(asker)
    first = await page(asker, first=3)
    ada = users.id_of(asker.server.db, "ada")
    await context_writes.create_many(asker.server.db, ada, [knowledge("newer")] * 5)
    second = await page(asker, first=100, after=first["pageInfo"]["endCursor"])
    assert texts(first) + texts(second) == listed


async def test_without_a_size_twenty_are_given(asker: Asker) -> None:
    ada = await users.upsert(asker.server.db, "ada")
    await context_writes.create_many(
        asker.server.db, ada.id, [knowledge(f"{n}") for n in range(25)]
    )
    found = await page(asker)
    assert len(found["edges"]) == 20
    assert found["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    "window",
    [
        {"first": 1, "last": 1},
        {"first": -1},
        {"last": -1},
        {"first": 101},
        {"last": 101},
        {"first": 1, "after": ""},
        {"first": 1, "after": "nonsense"},
        {"first": 1, "after": base64.b64encode(b"arrayconnection:-5").decode()},
        {"first": 1, "before": "🙂"},
        {"first": 1, "before": "=" * 1000},
    ],
)
async def test_illegal_windows_and_broken_cursors_are_refused(
    asker: Asker, window: dict[str, Any]
) -> None:
    await seven(asker)
    assert await asker.refused(PAGE, order="NEWEST_FIRST", **window) == "BAD_USER_INPUT"
    assert asker.faults == []


async def test_a_cursor_of_another_list_is_refused(asker: Asker) -> None:
    await seven(asker)
    cursor = (await page(asker, first=1))["pageInfo"]["endCursor"]
    assert await asker.refused(PAGE, order="OLDEST_FIRST", after=cursor) == "BAD_USER_INPUT"
    other_filter = """query($after: String) { user(by: { externalId: "ada" }) {
      contexts(after: $after, filter: { contextTypes: ["knowledge"] }) { totalCount } } }"""
    assert await asker.refused(other_filter, after=cursor) == "BAD_USER_INPUT"
    other_field = "query($after: String) { users(after: $after) { totalCount } }"
    assert await asker.refused(other_field, after=cursor) == "BAD_USER_INPUT"
    await users.upsert(asker.server.db, "grace")
    other_user = """query($after: String) { user(by: { externalId: "grace" }) {
      contexts(after: $after) { totalCount } } }"""
    assert await asker.refused(other_user, after=cursor) == "BAD_USER_INPUT"


def test_the_text_of_a_filter_stays_what_it_is() -> None:
    """The cursors that clients keep rest on it."""
    expected = (
        "ContextFilter(context_types=('knowledge',), conversation_id=None, metadata=None, content=None, "
        "created_after=None, created_before=None, include_inactive=False)"
    )
    assert repr(ContextFilter(("knowledge",))) == expected


async def test_users_conversations_turns_responses_and_versions_page_the_same_way(
    asker: Asker,
) -> None:
    for name in ("ada", "grace", "mary"):
        await asker.data(
            "mutation($name: String!) { upsertUser(input: { externalId: $name }) { user { id } } }",
            name=name,
        )
    walked, after = [], None
    while True:
        data = await asker.data(
            "query($after: String) { users(first: 1, after: $after) {"
            " edges { node { externalId } } pageInfo { hasNextPage endCursor } } }",
            after=after,
        )
        walked += [edge["node"]["externalId"] for edge in data["users"]["edges"]]
        after = data["users"]["pageInfo"]["endCursor"]
        if not data["users"]["pageInfo"]["hasNextPage"]:
            break
    assert walked == ["mary", "grace", "ada"]


async def test_the_versions_of_a_context_page_by_their_number(asker: Asker) -> None:
    await seven(asker)
    everything = await page(asker, first=1)
    id = (
        await asker.data(
            '{ user(by: { externalId: "ada" }) { contexts(first: 1) { edges { node { id } } } } }'
        )
    )["user"]["contexts"]["edges"][0]["node"]["id"]
    assert everything["totalCount"] == 7
    for version in range(1, 5):
        await asker.data(
            """mutation($id: ID!, $version: Int!) { updateContext(input: {
                 id: $id, expectedVersion: $version, metadata: { now: $version }
               }) { context { version } } }""",
            id=id,
            version=version,
        )
    walk = """query($id: ID!, $before: String) { context(id: $id) { versions(last: 2, before: $before) {
      totalCount edges { cursor node { version metadata validTo } } pageInfo { hasPreviousPage hasNextPage } } } }"""
    last = (await asker.data(walk, id=id))["context"]["versions"]
    assert [edge["node"]["version"] for edge in last["edges"]] == [2, 1]
    assert last["totalCount"] == 5
    assert last["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}
    before = (await asker.data(walk, id=id, before=last["edges"][0]["cursor"]))["context"][
        "versions"
    ]
    assert [edge["node"]["version"] for edge in before["edges"]] == [4, 3]
