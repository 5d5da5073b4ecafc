"""Asking the graph as the door does, without a socket: prepared, limited, executed, shaped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from api.door.documents import Documents, PreparedDocument
from api.models import MODELS, Model
from api.observe import Fact
from api.operation import Operation
from api.schema.graph import Graph, graph
from api.server import Server, started
from api.settings import Settings
from db.pool import Access


@cache
def the_graph() -> Graph:
    return graph([PreparedDocument])


@dataclass
class Asker:
    """A server and the graph in front of it."""

    server: Server
    facts: list[Fact] = field(default_factory=list)
