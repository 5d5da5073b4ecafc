"""What the planner plans and what it does not, what it remembers, and what it leaves behind."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
import pytest

from api.door.documents import Documents, Prepared
from api.edges import Edge
from api.loaders import Loaders
from api.plan import Answer, Planner
from api.plan.planner import CHARACTERS, LONGEST, MOST_FIELDS, MOST_OPERATIONS, MOST_WAYS
from tests.asking import Asker, the_graph
from tests.door.held import Held, held
from tests.plan.both_ways import WIDE
from tests.planted import planted
from tests.waiting import until

ROLE = "{ viewer { role } }"
LISTS = """query($first: Int = 2, $short: Boolean! = false) { user(by: { externalId: "ada" }) {
  name
  contexts(first: $first) { edges { cursor node { id contextType content @skip(if: $short) } } }
  conversations { edges { node { title turns(first: 3) { totalCount edges { node { text } } } } } }
} }"""


async def planned(
    planner: Planner, asker: Asker, asked: str | Prepared, **variables: Any
) -> Answer | None:
    """What a plan gives, if there is one."""
    prepared = asker.documents.prepared(asked, None, variables) if isinstance(asked, str) else asked
    operation = asker._operation(prepared)
    try:
        return await planner.answer(prepared, variables, operation)
    finally:
        operation.close()


@pytest.fixture
def failed() -> list[Exception]:
    """Why plans were given up."""
    return []


@pytest.fixture
def planner(failed: list[Exception]) -> Planner:
    """Plans at once."""
    return Planner(the_graph(), after=0, failed=failed.append)


async def test_a_document_is_planned_the_second_time_it_is_asked(asker: Asker) -> None:
    planner = Planner(the_graph())
    assert await planned(planner, asker, ROLE) is None
    answer = await planned(planner, asker, ROLE)
    assert answer == Answer({"viewer": {"role": "SERVICE"}}, None, cost=1)


async def test_each_operation_of_a_document_is_planned_by_itself(
    asker: Asker, planner: Planner
) -> None:
    both = "query A { viewer { role } } query B { viewer { __typename } }"
    for name, expected in (("A", {"role": "SERVICE"}), ("B", {"__typename": "Viewer"})):
        prepared = asker.documents.prepared(both, name, {})
        answer = await planned(planner, asker, prepared)
        assert answer
        assert answer.data == {"viewer": expected}


async def test_what_was_not_asked_for_the_longest_time_is_forgotten(asker: Asker) -> None:
    planner = Planner(the_graph())
    prepared = asker.documents.prepared(ROLE, None, {})
    for number in range(MOST_OPERATIONS):
        await planned(planner, asker, replace(prepared, source=f"{number}"))
    assert await planned(planner, asker, replace(prepared, source="0"))
    await planned(planner, asker, replace(prepared, source="one more"))
    assert await planned(planner, asker, replace(prepared, source="1")) is None
    assert await planned(planner, asker, replace(prepared, source="0"))


async def test_plans_are_forgotten_when_there_are_too_many_fields_in_them(
    asker: Asker, planner: Planner
) -> None:
    keys = " ".join(f"a{number}: __typename" for number in range(90))
    wide = asker.documents.prepared(f"{{ viewer {{ {keys} }} }}", None, {})
    size = 91
    for number in range(2 * MOST_FIELDS // size):
        assert await planned(planner, asker, replace(wide, source=f"{number}"))
        assert planner._fields <= MOST_FIELDS
    assert planner._fields > MOST_FIELDS - 2 * size
    assert len(planner._seen) == planner._fields // size


async def test_long_documents_count_though_they_have_few_fields(
    asker: Asker, planner: Planner
) -> None:
    prepared = asker.documents.prepared(ROLE, None, {})
    long = MOST_FIELDS * CHARACTERS // 40
    for number in range(80):
        source = f"{number:03}".ljust(long)
        assert await planned(planner, asker, replace(prepared, source=source))
        assert planner._fields <= MOST_FIELDS
    assert 30 < len(planner._seen) <= 40


async def test_what_is_too_long_is_not_even_remembered(asker: Asker, planner: Planner) -> None:
    prepared = asker.documents.prepared(ROLE, None, {})
    longest = replace(prepared, source=ROLE.ljust(LONGEST))
    assert await planned(planner, asker, longest)
    assert await planned(planner, asker, replace(longest, source=f"{longest.source} ")) is None
    assert len(planner._seen) == 1


async def test_an_operation_with_more_fields_than_a_plan_may_have_is_answered_without(
    asker: Asker, planner: Planner, failed: list[Exception]
) -> None:
    deep = " ".join(f"a{number}: user {{ ...F }}" for number in range(40))
    keys = " ".join(f"b{number}: __typename" for number in range(30))
    asked = f"{{ viewer {{ {deep} }} }} fragment F on User {{ {keys} }}"
    wide = replace(asker, documents=Documents(the_graph()._schema, WIDE))
    assert await planned(planner, wide, asked) is None
    assert failed == []


async def test_there_is_a_plan_for_each_way_that_directives_have_with_variables(
    asker: Asker, planner: Planner
) -> None:
    asked = """query($a: Boolean!, $b: Boolean = true) {
      viewer { role @include(if: $a) kind: __typename @skip(if: $b) } }"""
    for _ in range(2):
        for variables, expected in (
            ({"a": True}, {"role": "SERVICE"}),
            ({"a": False}, {}),
            ({"a": False, "b": False}, {"kind": "Viewer"}),
            ({"a": True, "b": False}, {"role": "SERVICE", "kind": "Viewer"}),
        ):
            answer = await planned(planner, asker, asked, **variables)
            assert answer
            assert answer.data == {"viewer": expected}


async def test_what_can_be_read_in_many_ways_is_planned_in_some_of_them(
    asker: Asker, planner: Planner
) -> None:
    names = ("a", "b", "c", "d")
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: __typename @include(if: ${name})" for name in names)
    asked = f"query({declared}) {{ viewer {{ {fields} }} }}"
    ways = [
        {name: bool(number >> place & 1) for place, name in enumerate(names)}
        for number in range(2 ** len(names))
    ]
    for _ in range(2):
        answers = [await planned(planner, asker, asked, **way) for way in ways]
        assert [bool(one) for one in answers] == [True] * MOST_WAYS + [False] * MOST_WAYS
    assert await asker.data(asked, **ways[-1]) == {"viewer": dict.fromkeys(names, "Viewer")}


async def test_one_plan_serves_all_values_of_other_variables(
    asker: Asker, planner: Planner, failed: list[Exception]
) -> None:
    await planted(asker.data, "ada")
    for first in (1, 2, 5, 0):
        answer = await planned(planner, asker, LISTS, first=first)
        assert answer
        told = orjson.loads(orjson.dumps(answer.data))
        assert told == await asker.data(LISTS, first=first)
        assert len(told["user"]["contexts"]["edges"]) == min(first, 3)
    assert failed == []


MUTATION = 'mutation { upsertUser(input: { externalId: "eve" }) { user { externalId } } }'
SUBSCRIPTION = 'subscription { contextChanges(userId: "x") { cursor } }'


@pytest.mark.parametrize("asked", [MUTATION, SUBSCRIPTION], ids=["mutation", "subscription"])
async def test_only_queries_are_planned(
    asker: Asker, planner: Planner, statements: list[str], asked: str
) -> None:
    statements.clear()
    for _ in range(2):
        assert await planned(planner, asker, asked) is None
    assert statements == []


INTROSPECTION = '{ viewer { role } __type(name: "Viewer") { name } }'


async def test_what_a_plan_says_nothing_of_is_executed_all_the_same(
    asker: Asker, planner: Planner, failed: list[Exception]
) -> None:
    assert await planned(planner, asker, INTROSPECTION) is None
    assert failed == []
    expected = {"viewer": {"role": "SERVICE"}, "__type": {"name": "Viewer"}}
    assert await asker.data(INTROSPECTION) == expected


WRONG: dict[str, tuple[str, list[list[str | int]]]] = {
    "in one of several fields": (
        '{ user(by: { externalId: "ada" }) { name } node(id: "x") { id } context(id: "x") { id } }',
        [["context"]],
    ),
    "in a field that may not be null": (
        '{ viewer { role } user(by: { externalId: "ada" }) { name contexts(first: 101) { totalCount } } }',
        [["user", "contexts"]],
    ),
    "beside what is begun, deeper down": (
        """{ user(by: { externalId: "ada" }) { conversations { edges {
          node { user { id } } again: node { turns(first: -1) { totalCount } } } } } }""",
        [["user", "conversations", "edges", 0, "again", "turns"]],
    ),
    "in each item of a list": (
        """{ user(by: { externalId: "ada" }) {
          contexts { edges { node { conversation { turns(first: -1) { totalCount } } } } } } }""",
        [
            ["user", "contexts", "edges", number, "node", "conversation", "turns"]
            for number in (0, 2)
        ],
    ),
    "in two fields": (
        '{ b: context(id: "x") { id } a: response(id: "x") { id } viewer { role } }',
        [["b"], ["a"]],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_told_by_graphql_core(
    asker: Asker, planner: Planner, failed: list[Exception], wrong: str
) -> None:
    await planted(asker.data, "ada")
    asked, paths = WRONG[wrong]
    assert await planned(planner, asker, asked) is None
    assert len(failed) == 1
    told = await asker.ask(asked)
    assert told["data"] is not None
    assert [error["path"] for error in told["errors"]] == paths
    assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_USER_INPUT"}


async def test_what_is_refused_by_variables_is_told_by_graphql_core(
    asker: Asker, planner: Planner, failed: list[Exception]
) -> None:
    assert await planned(planner, asker, LISTS, first="two") is None
    assert failed == []
    assert await asker.refused(LISTS, first="two") == "BAD_USER_INPUT"


@pytest.mark.whole_pool
async def test_what_is_given_up_leaves_no_task_and_no_connection_behind(
    asker: Asker, planner: Planner, database_url: str
) -> None:
    await planted(asker.data, "ada")
    before = asyncio.all_tasks()
    async with held(database_url, "contexts") as table:
        asking = asyncio.create_task(planned(planner, asker, LISTS))
        await table.waited_for()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await table.left()
        await until(lambda: asyncio.all_tasks() <= before)
    working, _, _ = asker.server.db.connections()
    assert working == 0
    assert await planned(planner, asker, LISTS)


async def timed_out(planner: Planner, asker: Asker, table: Held) -> None:
    """The time is over as soon as the table is waited for."""
    async with asyncio.timeout(None) as time, asyncio.TaskGroup() as group:
        group.create_task(planned(planner, asker, LISTS))
        await table.waited_for()
        time.reschedule(0)


@pytest.mark.whole_pool
async def test_what_takes_too_long_leaves_nothing_behind_either(
    asker: Asker, planner: Planner, database_url: str
) -> None:
    await planted(asker.data, "ada")
    before = asyncio.all_tasks()
    async with held(database_url, "contexts") as table:
        with pytest.raises(TimeoutError):
            await timed_out(planner, asker, table)
        await table.left()
        await until(lambda: asyncio.all_tasks() <= before)
    assert asker.server.db.connections()[0] == 0


@pytest.mark.whole_pool
async def test_a_plan_that_fails_leaves_nothing_running(
    asker: Asker, planner: Planner, failed: list[Exception], database_url: str
) -> None:
    """The users are read at once; of their two lists one fails at once, and the other waits for its table."""
    await planted(asker.data, "ada")
    before = asyncio.all_tasks()
    asked = """{ user(by: { externalId: "ada" }) {
      conversations { edges { node { id } } } contexts(first: 500) { totalCount } } }"""
    async with held(database_url, "conversations") as table:
        assert await planned(planner, asker, asked) is None
        await table.left()
        await until(lambda: asyncio.all_tasks() <= before)
    assert len(failed) == 1


async def test_what_an_operation_loaded_with_goes_with_it(asker: Asker, planner: Planner) -> None:
    await planted(asker.data, "ada")
    gc.collect()
    gc.disable()
    try:
        assert await planned(planner, asker, LISTS) is not None
        assert not [one for one in gc.get_objects() if isinstance(one, Loaders | Edge)]
    finally:
        gc.enable()
