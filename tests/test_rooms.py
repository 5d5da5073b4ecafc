"""Who may import whom: the table of the design, held against the imports."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The facts and the refusals are below everything; a room never imports one that stands above it.
GROUND = {"api.errors", "api.settings", "api.observe"}
ALLOWED: dict[str, set[str]] = {
    "db": set(),
    "api.errors": set(),
    "api.retention": set(),
    "api.settings": {"api.retention"},
    "api.observe": set(),
    "api.calls": {"api.errors", "api.observe"},
    "api.touched": {"db", "api.observe"},
    "api.telemetry": {"api.observe"},
    "api.words": set(),
    "api.refusals": {"db", "api.errors"},
    "api.context_types": {"api.errors"},
    # The extractive model counts the tokens of a summary as grounding does, and quotes without the marks that it reads.
    "api.models": {
        "api.words", "api.errors", "api.observe", "api.calls", "api.grounding.tokens", "api.grounding.citations",
    },
    "api.grounding": {
        "db", "api.context_types", "api.words", "api.errors", "api.observe", "api.calls", "api.touched",
    },
    "api.generation": {
        "db", "api.grounding", "api.models", "api.context_types", "api.errors", "api.observe", "api.refusals",
    },
    # Whoever follows outlasts a database that is away, as those do who follow a response.
    "api.changes": {"db", "api.generation.patience"},
    "api.upkeep": {
        "db", "api.grounding", "api.models", "api.context_types", "api.errors", "api.observe", "api.refusals",
        "api.calls", "api.activity",
    },
    "api.lazily": set(),
    "api.batch": {"api.observe", "api.touched"},
    "api.sources": {"db", "api.batch"},
    "api.edges": {"db", "api.lazily", "api.sources"},
    "api.loaders": {"db", "api.edges", "api.lazily", "api.observe", "api.sources"},
    "api.viewer": {"db", "api.observe"},
    "api.rates": {"api.viewer", "api.errors", "api.observe"},
    "api.places": {"api.errors"},
    "api.recent": {"api.observe"},
    "api.activity": {"db", "api.recent", "api.observe"},
    "api.allowed": {"db", "api.grounding", "api.generation", "api.upkeep", "api.rates", "api.settings"},
    "api.server": {
        "api.allowed", "db", "api.grounding", "api.generation", "api.models", "api.upkeep", "api.rates", "api.recent",
        "api.activity", "api.changes", *GROUND,
    },
    "api.operation": {
        "db", "api.server", "api.loaders", "api.viewer", "api.rates", "api.grounding", "api.generation", "api.models",
        "api.places", "api.recent", "api.changes", *GROUND,
    },
    "api.schema": {
        "db", "api.edges", "api.operation", "api.viewer", "api.context_types", "api.generation", "api.errors",
        "api.observe", "api.touched", "api.activity", "api.recent", "api.changes", "api.grounding.searched",
        # Of grounding only what is not its inside: how to search and what is found, the receipt that it leaves, how
        # citations of it are read, and how it counts.
        "api.grounding.wanted", "api.grounding.found", "api.grounding.receipt", "api.grounding.citations",
        "api.grounding.tokens",
    },
    "api.door": {
        "db", "api.operation", "api.plan", "api.server", "api.viewer", "api.places", "api.rates", "api.refusals",
        *GROUND,
    },
    # Plans are made of the graph as it is declared, and read along the same edges.
    "api.plan": {
        "db.documents", "db.leaves", "db.inside", "db.objects", "db.paging", "api.edges", "api.sources",
        "api.operation", "api.schema",
    },
    "api.own_key": {"db", "api.console", "api.server", "api.settings", "api.viewer"},
    "api.keys": {"db", "api.console", "api.server", "api.viewer"},
    # The bytes of a head are read, and refused, before there is any request.
    "api.listen": {"api.own_key", "api.server", "api.settings", "api.door.connection"},
    "api.workers": {"api.listen", "api.own_key", "api.settings", "api.telemetry"},
    # The answers are given as the server gives them.
    "api.seed": {"db", "api.context_types", "api.generation", "api.grounding", "api.models"},
    # What may be in a line is what the types of contexts and the receipts say.
    "api.carry": {
        "db", "api.console", "api.context_types", "api.server", "api.grounding.found", *GROUND,
    },
    "api.database": {"db", "api.console"},
    "api.doctor": {"db", "api.models", "api.rates", "api.settings"},
    "api.erase": {"db"},
    "api.audit": {"db", "api.console", "api.server", "api.viewer"},
    "api.console": {"db", "api.server", *GROUND},
}  # fmt: skip
ABOVE_ALL = {"api", "api.app", "api.served", "api.__main__"}


@cache
def modules() -> tuple[str, ...]:
    """Every module of ours, tests and migrations apart."""
    paths = [*(ROOT / "api").rglob("*.py"), *(ROOT / "db").glob("*.py")]
    return tuple(sorted(_name(path) for path in paths))


@cache
def tree_of(module: str) -> ast.Module:
    path = ROOT / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text())


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """The room a module stands in: the longest name of the table that it begins with."""
    rooms = [room for room in ALLOWED if module == room or module.startswith(f"{room}.")]
    return max(rooms, key=len, default=None)


def imports_of(module: str) -> set[str]:
    """The modules of ours that it imports, by their full names."""
    found: set[str] = set()
    for node in ast.walk(tree_of(module)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(source), names=names):
                known = {f"{source}.{alias.name}" for alias in names} & set(modules())
                found |= known or {source}
    return {name for name in found if name.split(".")[0] in {"api", "db"}}


@pytest.mark.parametrize("module", [name for name in modules() if name not in ABOVE_ALL])
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    room = room_of(module)
    assert room is not None, f"{module} stands in no room of the table"
    allowed = ALLOWED[room] | {room}
    for name in imports_of(module):
        assert any(name == one or name.startswith(f"{one}.") for one in allowed), (
            f"{module} may not import {name}"
        )


def test_no_function_hides_an_import() -> None:
    for module in modules():
        for function in ast.walk(tree_of(module)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [
                    n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)
                ]
                assert not inner, f"{module}.{function.name}"


def test_the_graph_reaches_no_store_but_the_viewers_own() -> None:
    """An `Operation` has no server, so that there is nothing else to reach; nor is one brought in some other way."""
    beyond = {"server", "_server", "_db", "_pool", "_searcher", "within", "access"}
    for module in modules():
        if room_of(module) != "api.schema":
            continue
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Attribute):
                assert node.attr not in beyond, f"{module}: .{node.attr} in line {node.lineno}"
            if isinstance(node, ast.Name):
                assert node.id not in {"EVERYONE", "Database", "opened"}, f"{module}: {node.id}"


def test_sql_stands_only_in_the_store() -> None:
    words = ("select ", "insert into ", "update ", "delete from ")
    for module in modules():
        if module.split(".")[0] == "db":
            continue
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.strip().startswith(words), f"{module}: {node.value[:60]}"
