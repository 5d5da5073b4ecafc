"""How the tables stand to the code: which revision they are at, and the oldest code that serves them.

A migration that only adds is survived by the code before it, and says so in `served_from`. What it says is kept in the
database, as a comment on the table of alembic: code that has never heard of the revision reads it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

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


def of_this_code() -> Revisions:
    """Read from the folder of the migrations; slow enough to be done once."""
    scripts = ScriptDirectory.from_config(configuration())
    known = frozenset(one.revision for one in scripts.walk_revisions())
    return Revisions(scripts.get_current_head() or "", known)


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


def configuration(database_url: str | None = None) -> Config:
    """Alembic's configuration, wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["database_url"] = database_url
    return config


def comment_of(script: Script | None) -> str | None:
    """What the database is to say once it is at this revision. Who says nothing is served by its own code only."""
    if script is None:
        return None
    return COMMENT.format(script.revision, getattr(script.module, "served_from", script.revision))
