from __future__ import annotations

from typing import Any

from tests.asking import Asker
from tests.schema.test_writing import DELETE, UPDATE, a_context, a_user

AT = """query($user: ID!, $at: DateTime, $all: Boolean, $after: String, $first: Int) {
  user(by: { id: $user }) {
    contexts(asOf: $at, filter: { includeInactive: $all }, orderBy: OLDEST_FIRST, after: $after, first: $first) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage endCursor }
      edges { node { id content version isActive updatedAt text versions { totalCount } } }
    }
  }
}"""


async def now(asker: Asker) -> str:
    """The present moment by the clock that the versions are dated with."""
    row = await asker.server.db.fetchrow("select clock_timestamp()")
    assert row is not None
    return str(row[0].isoformat())


async def at(asker: Asker, user: str, moment: str | None, **more: Any) -> Any:
    data = await asker.data(AT, user=user, at=moment, **more)
    return data["user"]["contexts"]


async def test_contexts_are_shown_as_they_stood(asker: Asker) -> None:
    user = await a_user(asker)
    before = await now(asker)
    context = await a_context(asker, user)
    created = await now(asker)
    change = {"id": context["id"], "expectedVersion": 1, "content": {"text": "Ada plays go."}}
    await asker.data(UPDATE, input=change)
    edited = await now(asker)
    await asker.data(DELETE, input={"id": context["id"]})
    deleted = await now(asker)
    assert (await at(asker, user, before))["totalCount"] == 0
    (first,) = (await at(asker, user, created))["edges"]
    assert first["node"]["id"] == context["id"]
    assert (first["node"]["version"], first["node"]["text"]) == (1, "Ada plays chess.")
    assert first["node"]["versions"] == {"totalCount": 3}
    (second,) = (await at(asker, user, edited))["edges"]
    assert (second["node"]["version"], second["node"]["text"]) == (2, "Ada plays go.")
    assert (await at(asker, user, deleted))["edges"] == []
    (gone,) = (await at(asker, user, deleted, all=True))["edges"]
    assert (gone["node"]["version"], gone["node"]["isActive"]) == (3, False)
    assert (await at(asker, user, None))["totalCount"] == 0


async def test_the_past_is_paged_as_the_present_and_its_cursors_are_its_own(asker: Asker) -> None:
    user = await a_user(asker)
    ids = [(await a_context(asker, user))["id"] for _ in range(5)]
    then = await now(asker)
    for id in ids[1:]:
        await asker.data(DELETE, input={"id": id})
    head = await at(asker, user, then, first=3)
    tail = await at(asker, user, then, first=3, after=head["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in head["edges"] + tail["edges"]] == ids
    assert (head["totalCount"], tail["totalCount"]) == (5, 5)
    assert head["pageInfo"]["hasNextPage"]
    assert (tail["pageInfo"]["hasNextPage"], tail["pageInfo"]["hasPreviousPage"]) == (False, True)
    foreign = {"user": user, "at": await now(asker), "after": head["pageInfo"]["endCursor"]}
    assert await asker.refused(AT, **foreign) == "BAD_USER_INPUT"
    assert await asker.refused(AT, **{**foreign, "at": None}) == "BAD_USER_INPUT"


async def test_the_future_is_not_known(asker: Asker) -> None:
    error = await asker.error(AT, user=await a_user(asker), at="2999-01-01T00:00:00Z")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "future" in error["message"]


async def test_the_pasts_of_many_users_cost_one_statement(
    asker: Asker, statements: list[str]
) -> None:
    for name in ("ada", "grace", "mary"):
        await a_context(asker, await a_user(asker, name))
    then = await now(asker)
    statements.clear()
    data = await asker.data(
        "query($at: DateTime) { users { edges { node { contexts(asOf: $at) { edges { node { id } } } } } } }",
        at=then,
    )
    assert len(statements) == 2
    assert [len(edge["node"]["contexts"]["edges"]) for edge in data["users"]["edges"]] == [1, 1, 1]
