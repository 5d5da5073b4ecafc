"""Single objects that come written by the store, with the lists beside them in the same statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.plan.arguments import Call
from api.plan.completing import Completion
from api.plan.inside import Partly, WrittenObject, within
from api.plan.pages import WrittenEdges
from api.plan.run import Run, Values, is_waiting
from api.plan.unplanned import Unplanned
from api.schema.connection import Listing
from api.schema.found import Found
from api.schema.node import Node
from api.sources import One
from db.objects import Beside, Object, Wanted


@dataclass(frozen=True, slots=True)
class ListBeside:
    """A list of an object of which more is asked than its edges; it costs `work` to ask for it."""

    key: str
    call: Call
    edges: WrittenEdges
    work: int

    def of(self, run: Run, parent: Node) -> tuple[Listing[Any, Any], Beside]:
        """The list, and how it is read in the statement of its parent. Raises `Unplanned`."""
        listing = self.call.of(run, parent)
        if type(listing) is not Listing:
            raise Unplanned
        page, node = self.edges.read_of(listing), self.edges.node
        return listing, Beside(page, within(listing, page), node.layout, node.lists_of(run))


@dataclass(frozen=True, slots=True)
class WrittenFound:
    """How an object is written: as a whole, or with lists beside it value by value. It costs `each`.

    Of the `keys` that are asked for, `written` are those of its values.
    """

    node: WrittenObject
    written: Sequence[str]
    keys: Sequence[str]
    beside: Sequence[ListBeside]
    each: int

    def asked(self, run: Run, found: Found[Any]) -> tuple[Sequence[Listing[Any, Any]], Wanted]:
        """Its lists, and what is to be read. Raises `Unplanned`."""
        if not self.beside and not self.node.lists:
            return (), Wanted(self.node.layout)
        ids = found.key if isinstance(found.key, tuple) else (found.key, found.key)
        parent = found.kind(record=Partly(*ids))
        lists = [one.of(run, parent) for one in self.beside]
        inside, beside = self.node.lists_of(run, parent), [one for _, one in lists]
        return [listing for listing, _ in lists], Wanted(self.node.layout, inside, beside)

    async def answer(self, run: Run, found: Object, listings: Sequence[Listing[Any, Any]]) -> Any:
        """The object as an answer holds it."""
        run.cost += self.each + found.cost
        if not self.beside:
            return orjson.Fragment(found.written)
        answer = dict.fromkeys(self.keys)
        for key, text in zip(self.written, found.written, strict=True):
            answer[key] = orjson.Fragment(text)
        for listed, listing, page in zip(self.beside, listings, found.beside, strict=True):
            run.cost += listed.work + listed.edges.cost(listing, page)
            shown = listed.edges.completion.begun(run, [listed.edges.page(listing, page)])
            (answer[listed.key],) = await shown if is_waiting(shown) else shown
        return answer


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """How a field is read that finds a single object: `written` says of a type how it is written, if it can be."""

    completion: Completion
    completion_of_written: Completion
    written: Callable[[Any], WrittenFound | None]

    async def read(
        self, run: Run, values: Sequence[Found[Any] | None]
    ) -> tuple[Values, Completion]:
        """The objects, and what completes them."""
        there = [value for value in values if value is not None]
        if len(values) == 1:
            if written := await self._written(run, there[0]):
                return written
        elif len({id(one.edge) for one in there}) > 1:
            return await run.waited(values), self.completion
        records = iter(await there[0].edge.load_many([one.key for one in there]))
        return [value and value.made(next(records)) for value in values], self.completion

    async def _written(self, run: Run, found: Found[Any]) -> tuple[Values, Completion] | None:
        """The same of a single one as the store has written it, where it can."""
        source, written = found.edge.source, self.written(found.kind)
        if written is None or not isinstance(source, One) or not source.written:
            return None
        if found.edge.has_loaded(found.key):
            return None
        try:
            listings, wanted = written.asked(run, found)
        except Unplanned:
            return None
        one = await source.load_written(found.edge.asking, found.key, wanted)
        shown = None if one is None else await written.answer(run, one, listings)
        return [shown], self.completion_of_written
