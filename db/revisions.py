"""How the tables stand to the code: which revision they are at, and the oldest code that serves them.

A migration that only adds is survived by the code before it, and says so in `served_from`. What it says is kept in the
database, as a comment on the table of alembic: code that has never heard of the revision reads it there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import asyncpg

FOLDER = Path(__file__).parent / "migrations"

COMMENT = "revision {} is served by code from revision {}"


class Standing(Enum):
    """How the tables stand to the code."""

    CURRENT = "current"
    BEHIND = "behind"
    EXPANDED = "expanded"
    """Newer than the code, which serves them all the same."""
    AHEAD = "ahead"
    """Newer than the code, which may not serve them."""

    @property
    def is_served(self) -> bool:
        return self in {Standing.CURRENT, Standing.EXPANDED}


STORED = """
select (select version_num from alembic_version) as revision,
    obj_description('alembic_version'::regclass, 'pg_class') as comment
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says of its tables: None where it says nothing."""

    revision: str | None = None
    comment: str | None = None

    def is_served_by(self, code: str) -> bool:
        """Whether that is the oldest revision whose code serves these tables; what is said of others does not count."""
        return self.comment == COMMENT.format(self.revision, code)


@dataclass(frozen=True, slots=True)
class Revisions:
    """What this code knows: the newest revision, and all there are."""

    head: str
    known: frozenset[str]

    def standing(self, stored: Stored) -> Standing:
        if stored.revision == self.head:
            return Standing.CURRENT
        if stored.revision is None or stored.revision in self.known:
            return Standing.BEHIND
        serves = any(stored.is_served_by(code) for code in self.known)
        return Standing.EXPANDED if serves else Standing.AHEAD


STATED = re.compile(r'^(revision|down_revision)(?:: [\w |]+)? = "(\w+)"', re.MULTILINE)


def of_this_code() -> Revisions:
    """Read from what the migrations say of themselves: to import alembic takes longer than all else at a start."""
    stated = [dict(STATED.findall(path.read_text())) for path in FOLDER.glob("versions/*.py")]
    known = frozenset(one["revision"] for one in stated)
    (head,) = known - {one.get("down_revision") for one in stated}
    return Revisions(head, known)


class Reads(Protocol):
    """The store, or a connection that knows nothing of it."""

    async def fetchrow(self, sql: str, /, *args: object) -> Any: ...


async def stored(reads: Reads) -> Stored:
    """What the database says; a database without our tables says nothing."""
    try:
        row = await reads.fetchrow(STORED)
    except asyncpg.UndefinedTableError:
        return Stored()
    return Stored(row["revision"], row["comment"])


def comment(revision: str, served_from: str) -> str:
    """What the database is to say once it is at this revision."""
    return COMMENT.format(revision, served_from)
