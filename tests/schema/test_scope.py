"""One user's credential: what is another's is as if it did not exist."""

from __future__ import annotations

from tests.asking import Asker

STORE = """
mutation ($user: String!) {
    upsertUser(input: { externalId: $user }) { user { id } }
}
"""

READ = "query ($id: ID!) { node(id: $id) { id } user(by: { id: $id }) { externalId } }"


async def test_another_user_is_nobody(asker: Asker) -> None:
    ada, bob = [
        (await asker.data(STORE, user=one))["upsertUser"]["user"]["id"] for one in ("ada", "bob")
    ]
    mine = await asker.seen_by("ada").data(READ, id=ada)
    assert mine == {"node": {"id": ada}, "user": {"externalId": "ada"}}
    assert await asker.seen_by("ada").data(READ, id=bob) == {"node": None, "user": None}


async def test_a_user_may_store_itself_and_nobody_else(asker: Asker) -> None:
    await asker.seen_by("ada").data(STORE, user="ada")
    assert await asker.seen_by("ada").refused(STORE, user="bob") == "FORBIDDEN"
    assert await asker.data('{ user(by: { externalId: "bob" }) { id } }') == {"user": None}


async def test_a_list_of_all_users_is_for_services(asker: Asker) -> None:
    error = await asker.seen_by("ada").error("{ users { totalCount } }")
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["message"] == "users is for services; ask with a service key."
