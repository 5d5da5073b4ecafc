"""How much conversations have grown since somebody last looked at them, and who is looking now.

A row counts the turns that came; a conversation that has grown enough is claimed, looked at, and counted down. What
is due is the end of one index, however many conversations there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.contexts import Owned
from db.pool import Database


def grown(rows: str) -> str:
    """A common table expression that counts the turns among new rows of contexts, whose name is given."""
    # In one order, so that two who add to the same conversations do not wait for each other in a circle.
    return f"""
grown as (
    insert into conversation_growth as g (user_id, conversation_id, turns)
    select user_id, conversation_id, count(*) from {rows}
    where context_type = 'conversation' and conversation_id is not null
    group by user_id, conversation_id
    order by user_id, conversation_id
    on conflict (user_id, conversation_id) do update set turns = g.turns + excluded.turns
)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation that has grown by `turns`, to be looked at by one process alone until a certain time.

    `failures` counts how often that went wrong since it last went well.
    """

    user_id: UUID
    conversation_id: UUID
    turns: int
    failures: int
    until: datetime

    @property
    def conversation(self) -> Owned:
        return self.user_id, self.conversation_id


# Who claims a row puts it off: if nothing is heard of the claim, its time comes again by itself.
CLAIM = """
with due as materialized (
    select user_id, conversation_id from conversation_growth
    where turns >= $1 and not_before <= now()
    order by turns desc
    limit $3
    for update skip locked
)
update conversation_growth g set not_before = now() + make_interval(secs => $2)
from due
where g.user_id = due.user_id and g.conversation_id = due.conversation_id
returning g.user_id, g.conversation_id, g.turns, g.failures, g.not_before as until
"""


async def claim(db: Database, at_least: int, seconds: float, at_most: int) -> list[Claim]:
    """Up to `at_most` conversations that have grown by `at_least` turns, for so many seconds nobody else's."""
    return [Claim(*row) for row in await db.fetch(CLAIM, at_least, seconds, at_most)]


SETTLE = """
update conversation_growth set turns = turns - $4, failures = 0, not_before = '-infinity'
where user_id = $1 and conversation_id = $2 and not_before = $3
"""


async def settle(db: Database, claim: Claim, turns: int) -> None:
    """Give the claim back, having seen to so many of its turns. One that has run out stays somebody else's."""
    await db.fetch(SETTLE, *claim.conversation, claim.until, turns)


POSTPONE = """
update conversation_growth set failures = failures + 1, not_before = now() + make_interval(secs => $4)
where user_id = $1 and conversation_id = $2 and not_before = $3
"""


async def postpone(db: Database, claim: Claim, seconds: float) -> None:
    """Give the claim back, to be tried again after so many seconds."""
    await db.fetch(POSTPONE, *claim.conversation, claim.until, seconds)
