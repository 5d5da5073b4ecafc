"""Pages of lists: those of all parents are read together, and nodes that nobody looks into come written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import orjson

from api.edges import Edge, Pages
from api.plan.completing import Completion
from api.plan.inside import WrittenObject
from api.plan.run import Run, Values
from api.plan.unplanned import Unplanned
from api.schema.connection import Connection, Listing
from api.schema.cursor import beginning
from api.sources import Many
from db.leaves import LeafPage
from db.paging import Page


class Part(Enum):
    """What an edge holds that differs from row to row."""

    CURSOR = auto()
    NODE = auto()


Listings = Sequence[Listing[Any, Any]]


@dataclass(frozen=True, slots=True)
class WrittenEdges:
    """How edges are written whose nodes are written; each costs `each`.

    `parts` is the edge as text, with the cursor and the node where they stand.
    """

    node: WrittenObject
    parts: Sequence[str | Part]
    has_cursors: bool
    each: int
    only: str | None
    """The key of the edges, where nothing else is asked of the connection."""
    completion: Completion
    """Of what a page is."""

    def read_of(self, listing: Listing[Any, Any]) -> Page:
        """The page that is read, without a row too many where nobody asks whether there are more."""
        return listing.asked.page if self.only is None else listing.asked.exactly

    def page(
        self, listing: Listing[Any, Any], leaves: LeafPage
    ) -> Connection[Any] | dict[str, Any]:
        """The connection with the edges as an answer has them; by itself, where there is nothing beside the edges."""
        places, objects, more = leaves.places, leaves.objects, len(leaves) > listing.asked.size
        if more:
            seen = slice(1, None) if listing.asked.page.from_end else slice(-1)
            places, objects = places[seen], objects[seen]
        begins = beginning(listing.asked.list_id) if self.has_cursors else ""
        edges = orjson.Fragment(f"[{self._edges(begins, places, objects)}]")
        if self.only is not None:
            return {self.only: edges}
        if places and self.has_cursors:
            return listing.holding(edges, more, begins + places[0], begins + places[-1])
        return listing.holding(edges, more, None, None)

    def cost(self, listing: Listing[Any, Any], page: LeafPage) -> int:
        """What the edges of this page cost, and all that stands in them."""
        return self.each * min(len(page), listing.asked.size) + page.cost

    def _edges(self, begins: str, places: Sequence[str], objects: Sequence[str]) -> str:
        match self.parts:
            case [str(before), Part.NODE, str(after)]:
                between = f"{after},{before}"
                return f"{before}{between.join(objects)}{after}" if objects else ""
            case [str(before), Part.CURSOR, str(between), Part.NODE, str(after)]:
                before += begins
                return ",".join(
                    [
                        f"{before}{place}{between}{one}{after}"
                        for place, one in zip(places, objects, strict=True)
                    ]
                )
        return ",".join(
            [
                "".join([self._part(part, begins, *row) for part in self.parts])
                for row in zip(places, objects, strict=True)
            ]
        )

    @staticmethod
    def _part(part: str | Part, begins: str, place: str, node: str) -> str:
        if part is Part.CURSOR:
            return begins + place
        return node if part is Part.NODE else part


@dataclass(frozen=True, slots=True)
class PageReading:
    """How a field is read that gives a connection: `written`, where its nodes and its edge of the store allow it."""

    completion: Completion
    has_cursors: bool
    written: WrittenEdges | None

    async def read(self, run: Run, listings: Listings) -> tuple[Values, Completion]:
        """The connections, and what completes them."""
        look = listings[0].look
        if not isinstance(look, Pages):
            pages = await run.together([_read(one) for one in listings])
        elif written := await self._written(run, look.edge, listings):
            return written
        else:
            pages = [*await look.edge.load_all([_key(one, one.asked.page) for one in listings])]
        connected = Listing.connected if self.has_cursors else Listing.without_cursors
        found = [connected(one, rows) for one, rows in zip(listings, pages, strict=True)]
        return found, self.completion

    async def _written(
        self, run: Run, edge: Edge[Any, Any], listings: Listings
    ) -> tuple[Values, Completion] | None:
        """The same, of what the store has written, where it can."""
        source, written = edge.source, self.written
        if not written or not isinstance(source, Many) or not source.leaves:
            return None
        try:
            lists = written.node.lists_of(run)
        except Unplanned:
            # Something has to be known of the nodes before.
            return None
        keys = [_key(one, written.read_of(one)) for one in listings]
        pages = await source.load_leaves(edge.asking, keys, written.node.layout, lists)
        pairs = list(zip(listings, pages, strict=True))
        run.cost += sum([written.cost(*pair) for pair in pairs])
        found = [written.page(*pair) for pair in pairs]
        return found, written.completion


async def _read(listing: Listing[Any, Any]) -> Any:
    return await listing.look(listing.asked.page)


def _key(listing: Listing[Any, Any], page: Page) -> Any:
    return listing.look.key(page)  # type: ignore[attr-defined]  # they are `Pages`
