"""Asking the graph as the door does, without a socket: prepared, limited, executed, shaped."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from api.door.documents import PreparedDocument
from api.observe import Fact
from api.schema.graph import Graph, graph
from api.server import Server


@cache
def the_graph() -> Graph:
    return graph([PreparedDocument])


@dataclass
class Asker:
    """A server and the graph in front of it."""

    server: Server
    facts: list[Fact] = field(default_factory=list)
