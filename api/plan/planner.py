"""The plans of a process: made the second time that a document is asked, and kept while it is asked now and then."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from strawberry.types import ExecutionResult

from api.operation import Operation
from api.plan.making import Making, Places
from api.plan.run import Run, is_waiting
from api.plan.steps import Selection
from api.plan.unplanned import Unplanned
from api.plan.variables import Coerced, Variable, coerced
from api.plan.variables import variables as defined
from api.schema.graph import Graph

MOST_FIELDS = 20_000
"""How many fields all plans that are kept may have together; each takes about a kilobyte."""

CHARACTERS = 16
"""So many characters of a document count as a field: of what is planned the document is kept, parsed."""

LONGEST = 16 * 1024
"""Characters of a document beyond which it is not even remembered."""

MOST_OPERATIONS = 1000
"""How many operations are remembered, planned or not."""

MOST_WAYS = 8
"""In how many ways one operation is planned, by what the variables of its directives say."""


class Asked(Protocol):
    """An operation that is valid and within its limits: `name` tells it from others of its document."""

    @property
    def source(self) -> str: ...

    @property
    def name(self) -> str | None: ...

    @property
    def document(self) -> DocumentNode: ...

    @property
    def kind(self) -> OperationType: ...

    def places(self) -> Places:
        """What stands in an answer under each key, and what it counts for."""


@dataclass(slots=True)
class Answer(ExecutionResult):
    """What a plan has given, ready to be written as JSON by orjson, and what that has cost."""

    cost: int = 0


@dataclass(slots=True)
class Planned:
    """One operation, and a plan for each way in which its directives let it be read; None: none can be made."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    deciding: tuple[str, ...]
    """The variables of its directives."""
    variables: Sequence[Variable] | None = None
    plans: dict[tuple[object, ...], Selection | None] = field(default_factory=dict)
    fields: int = 0


class Planner:
    """Plans the queries of a graph. `failed` is told why a plan was given up, be it by a fault of whoever asks.

    A document is planned when it was asked `after` times: one that is asked once is not worth it.
    """

    def __init__(
        self, graph: Graph, *, after: int = 1, failed: Callable[[Exception], None] = lambda _: None
    ) -> None:
        self._graph = graph
        self._after = after
        self._failed = failed
        self._seen: OrderedDict[tuple[str, str | None], int | Planned] = OrderedDict()
        self._fields = 0

    async def answer(
        self, asked: Asked, variables: Mapping[str, Any] | None, operation: Operation
    ) -> Answer | None:
        """The answer, if it is one without errors, and there is a plan of the query; else None, and nothing is lost."""
        if asked.kind is not OperationType.QUERY or len(asked.source) > LONGEST:
            return None
        planned = self._planned(asked)
        if planned is None:
            return None
        try:
            given = coerced(self._variables(planned), variables or {})
            root = self._plan(planned, asked, given)
            return await _carried_out(root, Run(operation, given)) if root else None
        except Unplanned:
            return None
        except Exception as error:  # noqa: BLE001  # graphql-core says what is wrong, and where
            self._failed(error)
            return None

    def _planned(self, asked: Asked) -> Planned | None:
        """The operation, unless it is too new to be planned."""
        key = asked.source, asked.name
        seen = self._seen.get(key, 0)
        if isinstance(seen, Planned):
            self._seen.move_to_end(key)
            return seen
        now = seen + 1 if seen < self._after else self._first(asked)
        self._seen[key] = now
        self._seen.move_to_end(key)
        self._forget_some()
        return now if isinstance(now, Planned) else None

    def _first(self, asked: Asked) -> Planned:
        begun = _begun(asked)
        self._fields += begun.fields
        return begun

    def _forget_some(self) -> None:
        """As long as there is too much, and something beside the newest."""
        while len(self._seen) > MOST_OPERATIONS or (
            self._fields > MOST_FIELDS and len(self._seen) > 1
        ):
            self._forget()

    def _forget(self) -> None:
        """The operation that was not asked for the longest time."""
        _, oldest = self._seen.popitem(last=False)
        if isinstance(oldest, Planned):
            self._fields -= oldest.fields

    def _variables(self, planned: Planned) -> Sequence[Variable]:
        if planned.variables is None:
            planned.variables = defined(self._graph._schema, planned.operation)  # noqa: SLF001
        return planned.variables

    def _plan(self, planned: Planned, asked: Asked, given: Coerced) -> Selection | None:
        way = tuple([given.get(name) for name in planned.deciding])
        if way not in planned.plans and len(planned.plans) < MOST_WAYS:
            planned.plans[way] = self._made(planned, asked, given)
        return planned.plans.get(way)

    def _made(self, planned: Planned, asked: Asked, given: Coerced) -> Selection | None:
        deciding = VariableValues(
            {}, {name: given[name] for name in planned.deciding if name in given}
        )
        making = Making(self._graph, planned.operation, planned.fragments, deciding)
        try:
            made = making.root(asked.places())
        except Exception as error:  # noqa: BLE001  # graphql-core says what is wrong, and where
            if not isinstance(error, Unplanned):
                self._failed(error)
            made = None
        planned.fields += making.fields
        self._fields += making.fields
        self._forget_some()
        return made


async def _carried_out(root: Selection, run: Run) -> Answer:
    try:
        found = root.begun(run, [None])
        if is_waiting(found):
            # What the operation waits for, while no other task of it asks for anything.
            loaders = run.context.loaders
            loaders.alone = asyncio.current_task()
            found = await found
    except BaseException:
        run.give_up()
        raise
    return Answer(found[0], None, cost=run.cost)


def _begun(asked: Asked) -> Planned:
    fragments = {}
    operations = []
    for node in asked.document.definitions:
        match node:
            case FragmentDefinitionNode():
                fragments[node.name.value] = FragmentDetails(node)
            case OperationDefinitionNode():
                operations.append(node)
    named = [one for one in operations if one.name and one.name.value == asked.name]
    size = len(asked.source) // CHARACTERS
    return Planned((named or operations)[0], fragments, _deciding(asked.document), fields=size)


def _deciding(document: DocumentNode) -> tuple[str, ...]:
    """The names of all variables in directives."""
    looking = _Looking()
    visit(document, looking)
    return tuple(dict.fromkeys(looking.found))


class _Looking(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        values = [argument.value for argument in node.arguments or ()]
        self.found += [value.name.value for value in values if isinstance(value, VariableNode)]
