"""One connection of the pool, and as whom it stands before PostgreSQL.

The system works as the role that the database URL names, and reaches every row. For one user's work a connection
takes the role `contextql_viewer`, whom the policies of row-level security let reach that user's rows and no others:
the second wall, behind the `Scope` that narrows each statement.
"""

from __future__ import annotations

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


class QuietConnection(asyncpg.Connection):
    """A connection that is not reset when it goes back to the pool.

    What changes in its session is as whom it stands, and that is seen to whenever it is taken out.
    """

    own_role = "none"
    stands_for: Scope | None = None
    """Whom it works for."""

    def get_reset_query(self) -> str:
        return ""

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
