from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from db import responses
from db.paging import EARLIEST, LATEST
from db.pool import Access
from tests.asking import Asker
from tests.making import a_user as a_stored_user
from tests.responding import a_user, generated, scripted
from tests.schema.test_writing import DELETE, UPDATE, a_context

CITED = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  context(id: $id) {
    citedBy(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id message } }
    }
  }
}"""


async def cited(asker: Asker, context: str, **page: Any) -> Any:
    return (await asker.data(CITED, id=context, **page))["context"]["citedBy"]


def messages(page: Any) -> list[str]:
    return [edge["node"]["message"] for edge in page["edges"]]


async def test_a_context_knows_the_answers_that_rest_on_it_whatever_its_version(
    reached: Access,
) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        chess = (await a_context(asker, user))["id"]
        tea = (await a_context(asker, user, content={"text": "Grace drinks tea."}))["id"]
        await generated(asker, user, "Who plays chess?")
        change = {"id": chess, "expectedVersion": 1, "content": {"text": "Ada plays chess well."}}
        await asker.data(UPDATE, input=change)
        await generated(asker, user, "Chess, how well?")
        assert messages(await cited(asker, chess)) == ["Chess, how well?", "Who plays chess?"]
        assert (await cited(asker, tea))["totalCount"] == 0
        await asker.data(DELETE, input={"id": chess})
        await generated(asker, user, "Still chess?")
        assert (await cited(asker, chess))["totalCount"] == 2


async def test_what_was_left_out_of_the_prompt_is_not_rested_on(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        both = [(await a_context(asker, user))["id"] for _ in range(2)]
        await generated(asker, user, "Who plays chess?")
        counts = [(await cited(asker, id))["totalCount"] for id in both]
        assert sorted(counts) == [0, 1]


async def test_the_answers_are_paged_in_both_directions(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        chess = (await a_context(asker, user))["id"]
        for n in range(5):
            await generated(asker, user, f"{n}: who plays chess?")
        everything = messages(await cited(asker, chess))
        assert [message[0] for message in everything] == ["4", "3", "2", "1", "0"]
        head = await cited(asker, chess, first=2)
        rest = await cited(asker, chess, first=9, after=head["pageInfo"]["endCursor"])
        assert messages(head) + messages(rest) == everything
        assert (head["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
        tail = await cited(asker, chess, last=2)
        above = await cited(asker, chess, last=9, before=tail["pageInfo"]["startCursor"])
        assert messages(above) + messages(tail) == everything


async def test_the_answers_of_many_contexts_are_one_statement_and_counted_only_when_asked(
    reached: Access, statements: list[str]
) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        for game in ("chess", "go", "bridge"):
            await a_context(asker, user, content={"text": f"Ada plays {game}."})
        await generated(asker, user, "What does Ada play?")
        query = """query($user: ID!) { user(by: { id: $user }) {
          contexts(filter: { contextTypes: ["knowledge"] }) { edges { node { citedBy { %s edges { node { id } } } } } }
        } }"""
        statements.clear()
        data = await asker.data(query % "", user=user)
        assert len(statements) == 3
        edges = data["user"]["contexts"]["edges"]
        assert [len(edge["node"]["citedBy"]["edges"]) for edge in edges] == [1, 1, 1]
        statements.clear()
        await asker.data(query % "totalCount", user=user)
        assert len(statements) == 4


@pytest.mark.parametrize("descending", [True, False])
async def test_the_answers_are_found_by_the_index_over_what_they_rest_on(
    asker: Asker, database_url: str, descending: bool
) -> None:
    user = await a_stored_user(asker.server.db)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            """
            insert into conversations (user_id, id) select id, id from users;
            insert into contexts (user_id, id, context_type, content, search)
            select u.id, gen_random_uuid(), 'note', '{}', '' from users u, generate_series(1, 200);
            insert into responses (user_id, id, conversation_id, message, model, budget, rests_on)
            select u.id, gen_random_uuid(), u.id, repeat('?', 1500), 'x', 1, array(
                select c.id from contexts c order by hashtext(c.id::text || n) limit 5
            ) from users u, generate_series(1, 5000) n;
            analyze
            """
        )
        (one,) = await connection.fetch("select rests_on[1] as id from responses limit 1")
        statement = responses.page_by_context_statement(descending=descending)
        prepared = await connection.prepare(statement)
        args = [user.id], [one["id"]]
        assert "responses_rests_on" in str(await prepared.explain(*args, 20, *EARLIEST, *LATEST))
        counting = await connection.prepare(responses.counts_by_context_statement())
        assert "responses_rests_on" in str(await counting.explain(*args))
    finally:
        await connection.close()
