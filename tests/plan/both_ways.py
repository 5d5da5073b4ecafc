"""One operation answered twice on the same data: by its plan, as the door does it, and by graphql-core alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import GraphQLError
from pydantic import ValidationError
from strawberry.types import ExecutionResult

from api.door.body import body_of
from api.door.documents import Documents, Prepared, Rejected
from api.door.executing import Executing
from api.errors import ErrorCode
from api.observe import ContextsTouched
from api.operation import Operation
from api.plan import Answer, Planner
from api.refusals import refusal
from tests.asking import SETTINGS, Asker, the_graph

WIDE = SETTINGS.model_copy(
    update=dict.fromkeys(
        ("max_document_bytes", "max_document_tokens", "max_comparisons", "max_directives", "max_depth", "max_aliases"),
        10**9,
    )
    | {"max_cost": 200_000}
)  # fmt: skip
"""Made documents are large; what costs too much is refused all the same."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a client is told, byte for byte, and what it is charged for."""

    data: bytes
    errors: bytes
    cost: int | None
    read: frozenset[tuple[str, str]]
    """Of whom contexts were observed to be read, and of which types; nothing where both ways were gone."""


@dataclass(slots=True)
class BothWays:
    """Asks as `asker`, and says how the two answers differ."""

    asker: Asker
    documents: Documents = field(default_factory=lambda: Documents(the_graph()._schema, WIDE))
    of_the_moment: re.Pattern[bytes] = re.compile(rb"(?!)")
    """What of an answer is not compared: the part of an object that this matches."""
    failed: list[Exception] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    executing: Executing = field(init=False)

    def __post_init__(self) -> None:
        planner = Planner(the_graph(), after=0, failed=self.failed.append)
        self.executing = Executing(the_graph(), planner)

    async def differ(self, query: str, variables: Mapping[str, Any]) -> str | None:
        """How they differ, in words; None where they do not, or where the operation is not to be executed.

        Between the two a minute may have ended of which something is told: what differs has to do so again.
        """
        before = self.counts.copy()
        if await self._differ(query, variables) is None:
            return None
        self.counts = before
        return await self._differ(query, variables)

    async def _differ(self, query: str, variables: Mapping[str, Any]) -> str | None:
        try:
            prepared = self.documents.prepared(query, None, dict(variables))
        except Rejected:
            self.counts["rejected"] += 1
            return None
        self.failed.clear()
        by_core = await self.by_core(prepared, variables)
        result = await self._executed(prepared, variables)
        by_plan = self._told(prepared, result)
        self._count(result, by_core)
        if by_plan != by_core:
            if not differ_by_chance(by_core, by_plan):
                return difference(by_core, by_plan)
            self.counts["by chance"] += 1
        odd = [one for one in self.failed if is_ours(one)]
        return f"the plan failed: {odd!r}" if odd else None

    async def by_core_alone(self, query: str) -> dict[str, Any] | None:
        """The data of a query without variables, if it is to be executed."""
        try:
            prepared = self.documents.prepared(query, None, {})
        except Rejected:
            return None
        return orjson.loads((await self.by_core(prepared, {})).data)  # type: ignore[no-any-return]  # an object or null

    async def by_core(self, prepared: Prepared, variables: Mapping[str, Any]) -> Told:
        with self._operation(prepared) as operation:
            result = await self.executing.executed_by_core(prepared, variables, operation, None)
        return self._told(prepared, result)

    async def _executed(self, prepared: Prepared, variables: Mapping[str, Any]) -> ExecutionResult:
        with self._operation(prepared) as operation:
            return await self.executing.executed(prepared, variables, operation, None)

    def _count(self, result: ExecutionResult, by_core: Told) -> None:
        if isinstance(result, Answer):
            self.counts["planned"] += 1
        else:
            self.counts["with errors" if by_core.errors != b"[]" else "not planned"] += 1

    @contextmanager
    def _operation(self, prepared: Prepared) -> Iterator[Operation]:
        operation = self.asker._operation(prepared)
        self.asker.facts.clear()
        try:
            yield operation
        finally:
            operation.close()

    def _told(self, prepared: Prepared, result: ExecutionResult) -> Told:
        errors = [self.asker._shaped(error) for error in result.errors or ()]
        cost = None
        if isinstance(result, Answer):
            cost = result.cost
        elif not errors and result.data is not None:
            cost = prepared.tally.of(result.data)
        read = frozenset() if errors else self._read()
        data = self.of_the_moment.sub(b'"of the moment":null', body_of(result.data))
        return Told(data, orjson.dumps(errors), cost, read)

    def _read(self) -> frozenset[tuple[str, str]]:
        # How many batches found nothing depends on what else is read in the same moment.
        told = [one for one in self.asker.facts if isinstance(one, ContextsTouched)]
        touched = [(user, kinds) for one in told for user, kinds in one.each if kinds.count]
        return frozenset(
            (str(user), kind) for user, kinds in touched for kind in kinds.context_type.split(",")
        )


def is_ours(error: Exception) -> bool:
    """Whether it is a fault, and nothing that is wrong with what was asked."""
    about_the_asked = isinstance(error, GraphQLError | ValidationError)
    return not about_the_asked and refusal(error).code is ErrorCode.INTERNAL


def differ_by_chance(by_core: Told, by_plan: Told) -> bool:
    """Whether of several errors that make the same place null one more or one less was told, or another.

    graphql-core tells those that come before the place is done; when they come, the database says.
    """
    alike = replace(by_core, errors=b"") == replace(by_plan, errors=b"")
    return alike and nulls(by_core) == nulls(by_plan)


def nulls(told: Told) -> set[tuple[str | int, ...]]:
    """The places that are null because of an error."""
    data, found = orjson.loads(told.data), set()
    for error in orjson.loads(told.errors):
        value, place = data, []
        for step in error.get("path", ()):
            if value is None:
                break
            value = value[step]
            place.append(step)
        found.add(tuple(place))
    return found


def difference(by_core: Told, by_plan: Told) -> str:
    """The two where they begin to differ."""
    core, plan = str(by_core), str(by_plan)
    alike = next(
        (at for at, both in enumerate(zip(core, plan, strict=False)) if both[0] != both[1]), 0
    )
    begins = max(0, alike - 150)
    return f"core: …{core[begins : begins + 400]}\nplan: …{plan[begins : begins + 400]}"
