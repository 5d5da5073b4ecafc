from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.asking import Asker

CREATE = """mutation($input: CreateContextInput!) { createContext(input: $input) {
  context { id contextType content metadata version isActive expiresAt conversation { title } }
} }"""
UPDATE = """mutation($input: UpdateContextInput!) { updateContext(input: $input) {
  context { version content metadata expiresAt }
} }"""
DELETE = "mutation($input: DeleteContextInput!) { deleteContext(input: $input) { context { isActive version } } }"
RESTORE = """mutation($input: RestoreContextInput!) { restoreContext(input: $input) {
  context { isActive version content } } }"""


async def a_user(asker: Asker, name: str = "ada") -> str:
    made = await asker.data(
        "mutation($name: String!) { upsertUser(input: { externalId: $name }) { user { id } } }",
        name=name,
    )
    return str(made["upsertUser"]["user"]["id"])


async def a_context(asker: Asker, user: str, **more: Any) -> dict[str, Any]:
    given = {"userId": user, "contextType": "knowledge", "content": {"text": "Ada plays chess."}}
    made = await asker.data(CREATE, input={**given, **more})
    context: dict[str, Any] = made["createContext"]["context"]
    return context


async def a_conversation(asker: Asker, user: str) -> dict[str, Any]:
    made = await asker.data(
        """mutation($user: ID!) { createConversation(input: { userId: $user, title: "Chess" }) {
             conversation { id version } } }""",
        user=user,
    )
    conversation: dict[str, Any] = made["createConversation"]["conversation"]
    return conversation


async def test_a_context_is_created_changed_deleted_and_restored(asker: Asker) -> None:
    user = await a_user(asker)
    talk = await a_conversation(asker, user)
    context = await a_context(asker, user, conversationId=talk["id"], metadata={"source": "chat"})
    assert context["conversation"] == {"title": "Chess"}
    changed = await asker.data(
        UPDATE,
        input={
            "id": context["id"],
            "expectedVersion": 1,
            "content": {"text": "Ada plays go.", "since": 1840},
            "expiresAt": "2999-01-01T00:00:00+02:00",
        },
    )
    assert changed["updateContext"]["context"] == {
        "version": 2,
        "content": {"text": "Ada plays go.", "since": 1840},
        "metadata": {"source": "chat"},
        "expiresAt": "2998-12-31T22:00:00Z",
    }
    deleted = await asker.data(DELETE, input={"id": context["id"], "expectedVersion": 2})
    assert deleted["deleteContext"]["context"] == {"isActive": False, "version": 3}
    restored = await asker.data(
        RESTORE, input={"id": context["id"], "version": 1, "expectedVersion": 3}
    )
    assert restored["restoreContext"]["context"] == {
        "isActive": True,
        "version": 4,
        "content": {"text": "Ada plays chess."},
    }


async def test_a_stale_change_is_a_conflict_that_names_the_current_version(asker: Asker) -> None:
    context = await a_context(asker, await a_user(asker))
    change = {"id": context["id"], "expectedVersion": 1, "metadata": {"a": 1}}
    await asker.data(UPDATE, input=change)
    for statement, more in ((UPDATE, {"metadata": {}}), (DELETE, {}), (RESTORE, {"version": 1})):
        given = {"id": context["id"], "expectedVersion": 1, **more}
        error = await asker.error(statement, input=given)
        assert error["extensions"] == {
            "code": "CONFLICT", "currentVersion": 2, "requestId": "test"
        }  # fmt: skip


@pytest.mark.whole_pool
async def test_of_fifty_changes_of_one_version_one_wins_and_the_others_conflict(
    asker: Asker,
) -> None:
    context = await a_context(asker, await a_user(asker))
    answers = await asyncio.gather(
        *(
            asker.ask(
                UPDATE, input={"id": context["id"], "expectedVersion": 1, "metadata": {"n": n}}
            )
            for n in range(50)
        )
    )
    assert sum("errors" not in answer for answer in answers) == 1
    refused = [
        answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer
    ]
    assert refused == ["CONFLICT"] * 49


async def test_a_change_of_nothing_is_refused(asker: Asker) -> None:
    context = await a_context(asker, await a_user(asker))
    given = {"id": context["id"], "expectedVersion": 1}
    assert await asker.refused(UPDATE, input=given) == "BAD_USER_INPUT"


async def test_an_expiry_is_cleared_by_null_and_kept_when_left_out(asker: Asker) -> None:
    context = await a_context(asker, await a_user(asker), expiresAt="2999-01-01T00:00:00Z")
    kept = await asker.data(
        UPDATE, input={"id": context["id"], "expectedVersion": 1, "metadata": {"a": 1}}
    )
    assert kept["updateContext"]["context"]["expiresAt"] == "2999-01-01T00:00:00Z"
    cleared = await asker.data(
        UPDATE, input={"id": context["id"], "expectedVersion": 2, "expiresAt": None}
    )
    assert cleared["updateContext"]["context"]["expiresAt"] is None


async def test_what_has_expired_is_null_for_every_way_of_reading(asker: Asker) -> None:
    user = await a_user(asker)
    context = await a_context(asker, user, expiresAt="2020-01-01T00:00:00Z")
    data = await asker.data(
        """query($id: ID!) {
             context(id: $id) { id }  node(id: $id) { id }  nodes(ids: [$id]) { id }
             user(by: { externalId: "ada" }) {
               contexts(filter: { includeInactive: true }) { totalCount edges { node { id } } }
             }
           }""",
        id=context["id"],
    )
    assert data == {
        "context": None,
        "node": None,
        "nodes": [None],
        "user": {"contexts": {"totalCount": 0, "edges": []}},
    }
    assert await asker.refused(DELETE, input={"id": context["id"]}) == "NOT_FOUND"


async def test_bulk_creation_is_all_or_nothing_and_names_the_one_that_is_wrong(
    asker: Asker,
) -> None:
    user = await a_user(asker)
    error = await asker.error(
        """mutation($user: ID!) { createContexts(input: { userId: $user, contexts: [
             { contextType: "knowledge", content: { text: "good" } }
             { contextType: "knowledge", content: { title: "no text" } }
           ] }) { contexts { id } } }""",
        user=user,
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("contexts[1]: ")
    counted = await asker.data('{ user(by: { externalId: "ada" }) { contexts { totalCount } } }')
    assert counted["user"]["contexts"]["totalCount"] == 0


async def test_bulk_creation_takes_a_thousand_and_no_more(asker: Asker) -> None:
    user = await a_user(asker)
    create = """mutation($user: ID!, $contexts: [NewContextInput!]!) {
      createContexts(input: { userId: $user, contexts: $contexts }) { contexts { version } } }"""
    new = [{"contextType": "note", "content": {"n": n}} for n in range(1001)]
    assert await asker.refused(create, user=user, contexts=new) == "BAD_USER_INPUT"
    assert await asker.refused(create, user=user, contexts=[]) == "BAD_USER_INPUT"
    stored = await asker.data(create, user=user, contexts=new[:1000])
    assert len(stored["createContexts"]["contexts"]) == 1000


async def test_a_context_that_is_brought_from_elsewhere_keeps_its_time(asker: Asker) -> None:
    user = await a_user(asker)
    data = await asker.data(
        """mutation($user: ID!) { createContexts(input: { userId: $user, contexts: [
             { contextType: "note", content: {}, createdAt: "2001-02-03T04:05:06.789Z" }
           ] }) { contexts { createdAt } } }""",
        user=user,
    )
    assert data["createContexts"]["contexts"] == [{"createdAt": "2001-02-03T04:05:06.789000Z"}]


async def test_a_user_has_one_profile(asker: Asker) -> None:
    user = await a_user(asker)
    set_profile = """mutation($input: SetProfileInput!) { setProfile(input: $input) {
      profile { version content user { profile { version } } } } }"""
    first = await asker.data(set_profile, input={"userId": user, "content": {"home": "London"}})
    assert first["setProfile"]["profile"]["version"] == 1
    second = await asker.data(
        set_profile, input={"userId": user, "content": {"home": "Paris"}, "expectedVersion": 1}
    )
    assert second["setProfile"]["profile"] == {
        "version": 2,
        "content": {"home": "Paris"},
        "user": {"profile": {"version": 2}},
    }
    stale = {"userId": user, "content": {}, "expectedVersion": 1}
    assert await asker.refused(set_profile, input=stale) == "CONFLICT"
    another = {"userId": user, "contextType": "profile", "content": {}}
    assert await asker.refused(CREATE, input=another) == "CONFLICT"


async def test_a_conversation_is_changed_and_deleted_with_its_turns(asker: Asker) -> None:
    user = await a_user(asker)
    talk = await a_conversation(asker, user)
    turn = {"role": "user", "message": "Hello."}
    context = await a_context(
        asker, user, contextType="conversation", content=turn, conversationId=talk["id"]
    )
    renamed = await asker.data(
        """mutation($id: ID!) { updateConversation(input: {
             id: $id, expectedVersion: 1, title: null, metadata: { topic: "go" }
           }) { conversation { title metadata version } } }""",
        id=talk["id"],
    )
    assert renamed["updateConversation"]["conversation"] == {
        "title": None,
        "metadata": {"topic": "go"},
        "version": 2,
    }
    gone = await asker.data(
        "mutation($id: ID!) { deleteConversation(input: { id: $id }) { conversation { isActive } } }",
        id=talk["id"],
    )
    assert gone["deleteConversation"]["conversation"] == {"isActive": False}
    data = await asker.data(
        """query($id: ID!) {
             context(id: $id) { isActive }
             user(by: { externalId: "ada" }) { conversations { totalCount } }
           }""",
        id=context["id"],
    )
    assert data == {"context": {"isActive": False}, "user": {"conversations": {"totalCount": 0}}}


async def test_what_a_mutation_wrote_is_what_the_next_one_reads(asker: Asker) -> None:
    user = await a_user(asker)
    data = await asker.data(
        """mutation($user: ID!) {
             a: createContext(input: { userId: $user, contextType: "note", content: { n: 1 } }) {
               context { user { contexts { totalCount } } } }
             b: createContext(input: { userId: $user, contextType: "note", content: { n: 2 } }) {
               context { user { contexts { totalCount } } } }
           }""",
        user=user,
    )
    counts = [data[one]["context"]["user"]["contexts"]["totalCount"] for one in ("a", "b")]
    assert counts == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"userId": "ada"}, "id of a User"),
        ({"content": [1]}, "JSON object"),
        ({"content": {"text": "x" * 300_000}}, "262144 bytes"),
        ({"content": {"text": "a\x00b"}}, "U+0000"),
        ({"content": {"text": "x", "big": 2**70}}, "64 bits"),
        ({"metadata": {"text": "x" * 20_000}}, "16384 bytes"),
        ({"metadata": "x"}, "JSON object"),
        ({"contextType": "x" * 51}, "50"),
        ({"contextType": "with space"}, "letters, digits"),
        ({"expiresAt": "2026-01-01"}, "RFC 3339"),
        ({"expiresAt": "2026-01-01T00:00:00"}, "RFC 3339"),
        ({"conversationId": "x"}, "id of a Conversation"),
    ],
)
async def test_bad_input_is_refused_with_what_is_wrong_and_nothing_is_stored(
    asker: Asker, wrong: dict[str, Any], words: str
) -> None:
    user = await a_user(asker)
    given = {"userId": user, "contextType": "knowledge", "content": {"text": "x"}}
    error = await asker.error(CREATE, input={**given, **wrong})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert words in error["message"]
    assert asker.faults == []
    left = await asker.server.db.fetchrow("select count(*) from contexts")
    assert left is not None
    assert left[0] == 0


async def test_json_that_is_too_deep_is_refused(asker: Asker) -> None:
    deep: dict[str, Any] = {}
    for _ in range(50):
        deep = {"in": deep}
    user = await a_user(asker)
    given = {"userId": user, "contextType": "note", "content": deep}
    error = await asker.error(CREATE, input=given)
    assert "levels deep" in error["message"]


async def test_another_users_conversation_cannot_be_joined(asker: Asker) -> None:
    ada, grace = await a_user(asker), await a_user(asker, "grace")
    theirs = await a_conversation(asker, grace)
    given = {"userId": ada, "contextType": "note", "content": {}, "conversationId": theirs["id"]}
    assert await asker.refused(CREATE, input=given) == "BAD_USER_INPUT"
