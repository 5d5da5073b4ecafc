"""Pages of lists: those of all parents are read together, and nodes that nobody looks into come written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.loaders import Pages
from api.plan.completing import Completion, Values
from api.plan.run import Run, together
from api.schema.connection import Connection, Listing
from api.schema.cursor import beginning
from db.leaves import Leaf, LeafValue

Listings = Sequence[Listing[Any, Any]]


@dataclass(frozen=True, slots=True)
class WrittenEdges:
    """How edges are written whose nodes are `values`, and nothing else; each costs `each`.

    `template` is the edge with room for the cursor (`%(cursor)s`) and the node (`%(node)s`). Where `documents` are
    among the values, what PostgreSQL has written is read once, so that it is written as ever.
    """

    values: Sequence[LeafValue]
    template: str
    documents: bool
    has_cursors: bool
    each: int
    completion: Completion
    """Of the connection that holds them."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """How a field is read that gives a connection: `written`, where its nodes and its edge of the store allow it."""

    completion: Completion
    written: WrittenEdges | None

    async def read(self, run: Run, listings: Listings) -> tuple[Values, Completion]:
        """The connections, and what completes them."""
        look = listings[0].look
        if not isinstance(look, Pages):
            pages = await together([_read(one) for one in listings])
        elif self.written and look.edge.leaves:
            leaves = await look.edge.load_leaves(_keys(listings), self.written.values)
            return _written(run, self.written, listings, leaves), self.written.completion
        else:
            pages = [*await look.edge.load_all(_keys(listings))]
        found = [one.connected(rows) for one, rows in zip(listings, pages, strict=True)]
        return found, self.completion


async def _read(listing: Listing[Any, Any]) -> Any:
    return await listing.look(listing.asked.page)


def _keys(listings: Listings) -> list[Any]:
    return [one.look.key(one.asked.page) for one in listings]  # type: ignore[attr-defined]  # they are `Pages`


def _written(
    run: Run, edges: WrittenEdges, listings: Listings, pages: Sequence[Sequence[Leaf]]
) -> list[Connection[Any]]:
    connections = []
    for listing, leaves in zip(listings, pages, strict=True):
        rows, more = listing.cut(leaves)
        run.cost += edges.each * len(rows)
        begins = beginning(listing.asked.list_id) if edges.has_cursors else ""
        text = ",".join(
            [edges.template % {"cursor": begins + row.place, "node": row.json} for row in rows]
        )
        whole = f"[{text}]"
        answer = orjson.loads(whole) if edges.documents else orjson.Fragment(whole)
        ends = (begins + rows[0].place, begins + rows[-1].place) if rows else (None, None)
        connections.append(listing.holding(answer, more, *ends))
    return connections
