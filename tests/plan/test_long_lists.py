"""Long lists that graphql-core meets are completed at once, and nobody sees a difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
import pytest
import strawberry

from api.door.documents import PreparedDocument
from api.plan.long_lists import LONG, LongLists
from api.schema.executor import Executor
from api.schema.graph import Graph, graph
from api.schema.identity import Kind, global_id
from tests.asking import Asker
from tests.making import a_user

PLAIN = graph([PreparedDocument], Executor)


class Watched(LongLists):
    """Says which items graphql-core has completed one by one."""

    one_by_one: ClassVar[list[Any]] = []

    def complete_list_item_value(self, item: Any, *others: Any) -> Any:
        self.one_by_one.append(item)
        return super().complete_list_item_value(item, *others)


WATCHED = graph([PreparedDocument], Watched)


@pytest.fixture(autouse=True)
def one_by_one() -> Iterator[list[Any]]:
    Watched.one_by_one.clear()
    yield Watched.one_by_one
    Watched.one_by_one.clear()


CREATE = """mutation($input: CreateContextsInput!, $short: Boolean! = false) {
  createContexts(input: $input) { contexts { id @skip(if: $short) %s } }
}"""
TOLD = "fragment Told on Node { __typename id ... on Context @skip(if: $short) { text tokens } }"
STORED = "kind: contextType content metadata createdAt updatedAt expiresAt isActive version"


async def said(asker: Asker, schema: Graph, query: str, variables: dict[str, Any]) -> bytes:
    """All that is answered. With the key in the input nothing is stored twice, so it may be asked again."""
    prepared = asker.documents.prepared(query, None, variables)
    operation = asker._operation(prepared)
    try:
        result = await schema.execute(query, variables, operation)
    finally:
        operation.close()
    return orjson.dumps([result.data, [error.formatted for error in result.errors or ()]])


async def given(asker: Asker, count: int) -> dict[str, Any]:
    user = await a_user(asker.server.db)
    contexts = [
        {"contextType": "knowledge", "content": {"text": f"Fact {n}", "n": n}} for n in range(count)
    ]
    id = global_id(Kind.User, user.id, user.id)
    return {"input": {"userId": id, "contexts": contexts, "idempotencyKey": "once"}}


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize(
    "query",
    [CREATE % "__typename", CREATE % STORED, f"{CREATE} {TOLD}" % f"...Told {STORED} again: id"],
)
async def test_many_objects_are_answered_as_graphql_core_answers_one_by_one(
    asker: Asker, one_by_one: list[Any], query: str, short: bool
) -> None:
    variables = {**await given(asker, LONG), "short": short}
    by_core = await said(asker, PLAIN, query, variables)
    assert await said(asker, WATCHED, query, variables) == by_core
    assert orjson.loads(by_core)[1] == []
    assert not one_by_one


@pytest.mark.parametrize(
    ("count", "asked"),
    [(LONG - 1, "id"), (LONG, "user { externalId }"), (LONG, "versions { totalCount }")],
)
async def test_few_objects_and_what_has_to_be_read_are_left_to_graphql_core(
    asker: Asker, one_by_one: list[Any], count: int, asked: str
) -> None:
    variables = await given(asker, count)
    query = CREATE % asked
    by_core = await said(asker, PLAIN, query, variables)
    assert await said(asker, WATCHED, query, variables) == by_core
    assert len(one_by_one) == count


@strawberry.type
class Number:
    n: int

    @strawberry.field
    def odd(self) -> int:
        if self.n % 2 == 0:
            raise ValueError(f"{self.n} is even")
        return self.n


@strawberry.type
class Query:
    @strawberry.field
    def numbers(self) -> list[Number | None]:
        return [Number(n=n) for n in range(LONG)]

    @strawberry.field
    def more(self) -> list[Number | None]:
        return [*(Number(n=n) for n in range(LONG)), None]


@pytest.mark.parametrize("query", ["{ numbers { odd } }", "{ more { n } }"])
async def test_what_fails_or_is_missing_is_told_by_graphql_core(
    asker: Asker, one_by_one: list[Any], query: str
) -> None:
    told = []
    for executor in (Executor, Watched):
        operation = asker._operation(asker.documents.prepared("{ __typename }", None, {}))
        schema = Graph(Query, execution_context_class=executor)
        result = await schema.execute(query, context_value=operation)
        told.append((result.data, [error.formatted for error in result.errors or ()]))
        operation.close()
    assert told[0] == told[1]
    assert len(one_by_one) >= LONG
