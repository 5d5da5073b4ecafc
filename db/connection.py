"""One connection of the pool, and as whom it stands before PostgreSQL.

The system works as the role that the database URL names, and reaches every row. For one user's work a connection
takes the role `contextql_viewer`, whom the policies of row-level security let reach that user's rows and no others:
the second wall, behind the `Scope` that narrows each statement.
"""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from db.errors import translated

VIEWER_ROLE = "contextql_viewer"
"""Made by the migrations, for the whole PostgreSQL server. Nobody can log in as it."""

STAND = """
select set_config('role', $1, false), set_config('contextql.user_id', $2, false),
    set_config('contextql.actor', $3, false)
"""

OWN_ROLE = "select current_setting('role')"


class Standing(NamedTuple):
    """The role, the user whose rows it may reach (as text, empty for the system), and who acts, by name."""

    role: str
    user: str
    actor: str


class QuietConnection(asyncpg.Connection):
    """A connection that is not reset when it goes back to the pool.

    What changes in its session is as whom it stands, and that is seen to whenever it is taken out.
    """

    own_role = "none"
    standing: Standing | None = None

    def get_reset_query(self) -> str:
        return ""

    async def learn_its_role(self) -> None:
        """Once, before it is used: see which role this is by itself."""
        self.own_role = await self.fetchval(OWN_ROLE)
        self.standing = Standing(self.own_role, "", "system")

    async def stand(self, user: str, actor: str) -> None:
        """Work for this user from now on, or for the system if it is empty. Not within a transaction.

        One round trip, and none when it stands so already. It is no statement of an operation, and is not counted as
        one: what it costs is measured in `tests/bench/walls.py`. A connection whose standing is in doubt is closed.
        """
        wanted = Standing(VIEWER_ROLE if user else self.own_role, user, actor)
        if self.standing == wanted:
            return
        try:
            with translated():
                await self.fetchrow(STAND, *wanted)
        except BaseException:
            self.terminate()
            raise
        self.standing = wanted
