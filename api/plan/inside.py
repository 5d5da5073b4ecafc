"""Objects that come written by the store, with the lists that stand inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from api.edges import Pages
from api.plan.arguments import Call
from api.plan.run import Run
from api.plan.unplanned import Unplanned
from api.schema.connection import Listing
from api.schema.node import Node
from api.sources import Many
from db.inside import Layout, Rows
from db.paging import Page


class Unknown:
    """What is not known before it is read: whoever looks at it cannot go on."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Unplanned

    def __eq__(self, other: object) -> bool:
        raise Unplanned

    def __repr__(self) -> str:
        raise Unplanned

    def __hash__(self) -> int:
        raise Unplanned


UNKNOWN = Unknown()


class Partly(Unknown):
    """A record of which no more is known than whose it is, and which."""

    def __init__(self, user_id: Any = UNKNOWN, id: Any = UNKNOWN) -> None:
        self.user_id = user_id
        self.id = id


@dataclass(frozen=True, slots=True)
class InnerList:
    """A list of an object of which nothing is asked but its edges, and of these nothing but nodes."""

    call: Call
    node: WrittenObject

    def rows(self, run: Run, parent: Any) -> list[Rows]:
        """How it is read for this parent, of whom perhaps nothing is known, and then how the lists in it are.

        Raises `Unplanned` where more has to be known of the parent.
        """
        listing = self.call.of(run, parent)
        if type(listing) is not Listing or listing.asked.page.from_end:
            raise Unplanned
        return [within(listing, listing.asked.exactly), *self.node.lists_of(run)]


def within(listing: Listing[Any, Any], page: Page) -> Rows:
    """How that page of the list is read by the statement of its parent. Raises `Unplanned` where it cannot be."""
    look = listing.look
    if not isinstance(look, Pages):
        raise Unplanned
    source, seen = look.edge.source, look.edge.asking.db.scope.seen("contexts")
    if not isinstance(source, Many) or not source.inside:
        raise Unplanned
    return source.inside(seen, page, *look.asked)


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """How objects of this type are written; `lists` are those that stand inside."""

    kind: type[Node]
    layout: Layout
    lists: Sequence[InnerList]

    def lists_of(self, run: Run, known: Any = None) -> list[Rows]:
        """How the lists are read: of all objects, or of the one that is `known` in part. Raises `Unplanned`."""
        if not self.lists:
            return []
        parent = self.kind(record=Partly()) if known is None else known
        return [rows for one in self.lists for rows in one.rows(run, parent)]
