"""Objects that come written by the store, with the lists that stand inside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from api.edges import Pages
from api.plan.arguments import Call
from api.plan.run import Run
from api.plan.unplanned import Unplanned
from api.schema.connection import Listing
from api.schema.node import Node
from db.inside import Inside, Value
from db.leaves import LeafValue


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
    """A list of an object of which nothing is asked but its edges, and of these nothing but nodes.

    The texts are what stands before and after the edges, and around each node. It costs `fixed`, and each edge `each`.
    """

    key: str
    call: Call
    opens: str
    before: str
    after: str
    closes: str
    fixed: int
    each: int
    node: WrittenObject

    def of(self, run: Run, parent: Any) -> Inside:
        """The list of this parent, of whom perhaps nothing is known; raises `Unplanned` where it has to be."""
        listing = self.call.of(run, parent)
        look = listing.look if type(listing) is Listing else None
        if not isinstance(look, Pages) or not look.edge.written.inside:
            raise Unplanned
        if listing.asked.page.from_end:
            raise Unplanned
        rows = look.edge.written.inside(listing.asked.exactly, *look.asked)
        return Inside(
            key=self.key,
            opens=self.opens,
            before=self.before,
            after=self.after,
            closes=self.closes,
            fixed=self.fixed,
            each=self.each,
            rows=rows,
            values=self.node.of(run),
        )


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """How objects of this type are written. Where `documents` are in them, what is written is read once."""

    kind: type[Node]
    values: tuple[LeafValue | InnerList, ...]
    documents: bool
    is_filled: bool
    """Whether there are lists inside."""

    def of(self, run: Run, known: Any = None) -> tuple[Value, ...]:
        """What is to be read of them, or of the one that is `known` in part. Raises `Unplanned`."""
        if not self.is_filled:
            return self.values  # type: ignore[return-value]  # there are no lists among them
        parent = self.kind(record=Partly()) if known is None else known
        return tuple(
            one.of(run, parent) if isinstance(one, InnerList) else one for one in self.values
        )
