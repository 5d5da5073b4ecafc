"""Long lists within what graphql-core executes, such as those of a mutation's payload: completed as a plan does it.

graphql-core completes a thousand objects one after the other, field by field; here each field is of all of them.
"""

from __future__ import annotations

from typing import Any

from graphql import GraphQLObjectType, get_nullable_type

from api.plan.making import NOTHING, Making
from api.plan.run import Run, is_waiting
from api.plan.unplanned import Unplanned
from api.schema.executor import Executor

LONG = 20
"""Items from which on it is worth it to plan what is asked of them, which takes as long as to complete a few."""


class LongLists(Executor):
    """Completes long lists of objects of one type at once, where nothing that is asked of them has to be read.

    What a plan cannot say is left to graphql-core, from the beginning: errors and their places above all.
    """

    def complete_iterable_value(
        self, item_type: Any, fields: Any, info: Any, path: Any, items: Any, position: Any
    ) -> Any:
        kind = get_nullable_type(item_type)
        if position is None and _is_long(items) and _is_plain(kind, items):
            try:
                return self._at_once(kind, fields, items)
            except Exception:  # noqa: BLE001, S110  # graphql-core says what is wrong, and where
                pass
        return super().complete_iterable_value(item_type, fields, info, path, items, position)

    def _at_once(self, kind: GraphQLObjectType, fields: Any, items: list[Any]) -> list[Any]:
        """What is asked of all of them. Raises `Unplanned`, and whatever a resolver raises."""
        # Strawberry leaves its own there; there is no public way to it.
        graph = self.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001
        making = Making(graph, self.operation, self.fragments, self.variable_values)
        selection = making.selection(kind, fields, NOTHING)
        if selection.waits:
            raise Unplanned
        run = Run(self.context_value, self.variable_values.coerced)
        found = selection.begun(run, items)
        if is_waiting(found):
            run.give_up(found)
            raise Unplanned
        return list(found)


def _is_long(items: Any) -> bool:
    return isinstance(items, list) and len(items) >= LONG


def _is_plain(kind: Any, items: list[Any]) -> bool:
    """Whether all of them are objects of the type itself."""
    if not isinstance(kind, GraphQLObjectType):
        return False
    origin = kind.extensions["strawberry-definition"].origin
    return all(type(item) is origin for item in items)
