"""What is asked of one parent again and again is planned once: PostgreSQL keeps the plan of the statement."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg

from db import contexts, conversations, responses, users
from db.filters import ContextFilter
from db.keys import which, which_users
from db.paging import EARLIEST, Page
from db.scope import NOBODY

TRIED = 5
"""Plans that PostgreSQL makes anew before it compares them with one that it could keep."""

PLANNED = "select custom_plans from pg_prepared_statements where name = $1"

MANY = """
set session_replication_role = replica;
insert into users (id, external_id) select gen_random_uuid(), n::text from generate_series(1, 200) n;
insert into conversations (user_id, id)
select u.id, gen_random_uuid() from users u, generate_series(1, 3);
insert into contexts (user_id, id, conversation_id, context_type, content, search, created_at)
select v.user_id, gen_random_uuid(), v.id, t.context_type, '{}', '', now() - n * interval '1 hour'
from conversations v, unnest(array['conversation', 'knowledge']) t(context_type), generate_series(1, 8) n;
insert into responses (user_id, id, conversation_id, message, model, budget, created_at)
select v.user_id, gen_random_uuid(), v.id, '?', 'm', 500, now() - n * interval '1 hour'
from conversations v, generate_series(1, 5) n;
analyze
"""

PAGES = (Page(21), Page(21, after=EARLIEST))
"""The second is past the end of a list that begins with the newest: whoever looks sees that nothing is left."""

Asked = tuple[str, tuple[object, ...]]
"""A statement with its arguments."""


def pages() -> Iterator[Asked]:
    """A page from the beginning of each list, and one after a cursor."""
    user, talk = which_users([NOBODY]), which("v", [(NOBODY, NOBODY)])
    knowledge = ContextFilter(context_types=("knowledge",))
    for asked in PAGES:
        within = asked.within.args
        condition, args = knowledge.condition(user.following + len(within))
        page = contexts.page_by_user_statement(user, asked, condition)
        yield page, (*user.args, *within, *args)
        yield conversations.page_by_user_statement(user, asked), (*user.args, *within)
        yield contexts.turns_statement(talk, asked), (*talk.args, *within)
        yield responses.page_by_conversation_statement(talk, asked), (*talk.args, *within)
        yield users.page_statement(asked), within


def others() -> Iterator[Asked]:
    """Single rows, and how many there are of a parent."""
    user, talk = which_users([NOBODY]), which("v", [(NOBODY, NOBODY)])
    condition, args = ContextFilter().condition(user.following)
    yield users.by_ids_statement(user), user.args
    yield conversations.by_ids_statement(talk), talk.args
    yield contexts.count_by_user_statement(user, condition), (*user.args, *args)
    yield conversations.count_by_user_statement(user), user.args
    yield contexts.count_turns_statement(talk), talk.args
    yield responses.count_by_conversation_statement(talk), talk.args


async def test_a_plan_is_kept(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(MANY)
        for number, (statement, args) in enumerate([*pages(), *others()]):
            prepared = await connection.prepare(statement, name=f"asked {number}")
            for _ in range(2 * TRIED):
                await prepared.fetch(*args)
            planned = await connection.fetchval(PLANNED, prepared.get_name())
            assert planned <= TRIED, statement
    finally:
        await connection.close()
