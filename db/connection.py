"""One connection of the pool, and as whom it stands before PostgreSQL.

The system works as the role that the database URL names, and reaches every row. For one user's work a connection
takes the role `contextql_viewer`, whom the policies of row-level security let reach that user's rows and no others:
the second wall, behind the `Scope` that narrows each statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from db.errors import translated
from db.scope import EVERYONE, Scope

VIEWER_ROLE = "contextql_viewer"
"""Made by the migrations, for the whole PostgreSQL server. Nobody can log in as it."""

STAND = """
select set_config('role', $1, false), set_config('contextql.user_id', $2, false),
    set_config('contextql.actor', $3, false)
"""

OWN_ROLE = "select current_setting('role')"

ALL, ONE = 0, 1
"""How many rows are wanted of a statement."""


class QuietConnection(asyncpg.Connection):
    """A connection that is not reset when it goes back to the pool.

    What changes in its session is as whom it stands, and that is seen to whenever it is taken out.
    """

    own_role = "none"
    stands_for: Scope | None = None
    """Whom it works for."""
    proxy: Any = None
    """What the pool has lent it as, and wants back."""

    # Of asyncpg's own, for `ask`.
    _protocol: Any
    _stmt_cache: Any
    _query_loggers: set[Any]

    def get_reset_query(self) -> str:
        return ""

    def lent(self, proxy: Any) -> QuietConnection:
        """This very connection, of what the pool lends: through that each call of it takes three."""
        self.proxy = proxy
        return self

    async def ask(self, sql: str, args: Sequence[object], limit: int) -> Sequence[asyncpg.Record]:
        """The rows of a statement: `ALL`, or `ONE` if there is one.

        A statement that asyncpg has prepared is sent at once. Between `fetch` and the sending are ten calls of its own,
        a fifth of what a small statement takes here, and no public way leads past them.
        """
        prepared = self._stmt_cache.get((sql, asyncpg.Record, False))
        if prepared is None or self._query_loggers:
            return await self._fetched(sql, args, limit)
        try:
            rows: Sequence[asyncpg.Record]
            rows = await self._protocol.bind_execute(prepared, args, "", limit, False, None)
        except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError) as error:
            # The tables are no longer what they were when it was prepared; it is as `fetch` does it then.
            await self.reload_schema_state()
            if self.is_in_transaction() or isinstance(error, asyncpg.OutdatedSchemaCacheError):
                raise
            return await self._fetched(sql, args, limit)
        return rows

    async def _fetched(
        self, sql: str, args: Sequence[object], limit: int
    ) -> Sequence[asyncpg.Record]:
        """The same, by the way that is meant for everybody."""
        if limit == ALL:
            return await self.fetch(sql, *args)
        row = await self.fetchrow(sql, *args)
        return [row] if row else []

    async def learn_its_role(self) -> None:
        """Once, before it is used: see which role this is by itself."""
        self.own_role = await self.fetchval(OWN_ROLE)
        self.stands_for = EVERYONE

    async def stand(self, scope: Scope) -> None:
        """Work for this user from now on, or for the system if there is none. Not within a transaction.

        One round trip. It is no statement of an operation, and is not counted as one: what it costs is measured in
        `tests/bench/walls.py`. A connection whose standing is in doubt is closed.
        """
        role = VIEWER_ROLE if scope.user else self.own_role
        try:
            with translated():
                await self.fetchrow(STAND, role, scope.user_text, scope.actor)
        except BaseException:
            self.terminate()
            raise
        self.stands_for = scope
