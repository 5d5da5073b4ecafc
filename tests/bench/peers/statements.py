"""One statement for each workload, whose one value is the whole answer, written by PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from tests.bench.peers.ids import named, place

LIVE = "c.is_active and (c.expires_at is null or c.expires_at > now())"


# To write ids and cursors as ours are, of bytes in base64, would cost PostgreSQL a third of Q1: here they are text.
CURSOR = "extract(epoch from c.created_at) || '/' || c.id"


def data(field: str, value: str) -> str:
    return f"select json_build_object('data', json_build_object('{field}', {value}))::text"


NODE = """json_build_object(
    'id', c.id, 'contextType', c.context_type, 'content', c.content, 'metadata', c.metadata,
    'createdAt', c.created_at, 'updatedAt', c.updated_at, 'version', c.version
)"""


def user_page(condition: str, info: str) -> str:
    """A user by id `$1`, with 20 contexts."""
    page = f"""
    select json_build_object(
        'edges', coalesce(json_agg(json_build_object('cursor', c.cursor, 'node', c.node))
            filter (where c.n < 21), '[]'),
        'pageInfo', json_build_object({info})
    )
    from (
        select {CURSOR} as cursor, {NODE} as node, row_number() over () as n, count(*) over () as count
        from (
            select * from contexts c
            where c.user_id = u.id and {LIVE} and {condition}
            order by c.created_at desc, c.id desc limit 21
        ) c
    ) c
    """
    user = (
        f"select json_build_object('id', u.id, 'contexts', ({page})) from users u where u.id = $1"
    )
    return data("user", f"({user})")


# `max` and `min` see one value each; an aggregate with an order of its own would have the others sorted with it.
HAS_NEXT = "'hasNextPage', count(*) > 20"
Q1 = user_page(
    "c.context_type = $2",
    f"""
    {HAS_NEXT}, 'hasPreviousPage', false, 'startCursor', min(c.cursor) filter (where c.n = 1),
    'endCursor', max(c.cursor) filter (where c.n = least(20, c.count))
    """,
)
Q5_INFO = f"{HAS_NEXT}, 'endCursor', max(c.cursor) filter (where c.n = least(20, c.count))"
Q5A = user_page("true", Q5_INFO)
Q5B = user_page("(c.created_at, c.id) < ($2, $3)", Q5_INFO)

Q2_CONTEXTS = f"""
select json_agg(json_build_object('node', json_build_object(
    'id', c.id, 'contextType', c.context_type, 'content', c.content, 'createdAt', c.created_at
))) from (
    select * from contexts c where c.user_id = u.id and {LIVE}
    order by c.created_at desc, c.id desc limit 5
) c
"""
Q2_TALKS = """
select json_agg(json_build_object('node', json_build_object(
    'id', v.id, 'title', v.title, 'createdAt', v.created_at
))) from (
    select * from conversations v where v.user_id = u.id and v.is_active
    order by v.created_at desc, v.id desc limit 3
) v
"""
Q2_USERS = f"""
select json_build_object('edges', json_agg(json_build_object('node', json_build_object(
    'id', u.id, 'name', u.name, 'externalId', u.external_id,
    'contexts', json_build_object('edges', coalesce(({Q2_CONTEXTS}), '[]')),
    'conversations', json_build_object('edges', coalesce(({Q2_TALKS}), '[]'))
))))
from (
    select * from users u where (u.created_at, u.id) < ($1, $2)
    order by u.created_at desc, u.id desc limit 20
) u
"""
Q2 = data("users", f"({Q2_USERS})")

Q3_NODE = """
select json_build_object(
    'id', c.id, 'contextType', c.context_type, 'content', c.content, 'version', c.version,
    'updatedAt', c.updated_at
)
from contexts c where c.user_id = $1 and c.id = $2 and (c.expires_at is null or c.expires_at > now())
"""
Q3 = data("node", f"({Q3_NODE})")

TURNS = f"""
select json_agg(json_build_object('node', json_build_object(
    'id', c.id, 'content', c.content, 'createdAt', c.created_at
))) from (
    select * from contexts c
    where c.user_id = v.user_id and c.conversation_id = v.id and c.context_type = 'conversation' and {LIVE}
    order by c.created_at, c.id limit 20
) c
"""
ITEMS = """
select json_agg(json_build_object(
    'rank', item -> 'rank', 'score', item -> 'score', 'reason', item -> 'reason', 'section', item -> 'section',
    'included', item -> 'included', 'context', (
        select json_build_object('id', c.id) from contexts c
        where c.user_id = r.user_id and c.id = (item ->> 'contextId')::uuid
            and (c.expires_at is null or c.expires_at > now())
    )
)) from jsonb_array_elements(r.grounding -> 'items') item
"""
# Marks of one number only: there are no others here.
CITATIONS = r"""
select json_agg(json_build_object('number', m.number, 'start', m.start, 'end', m.after)) from (
    select substring(r.text from m.start + 2 for m.after - m.start - 2)::integer as number, m.start, m.after
    from (
        select regexp_instr(r.text, '\[\d+\]', 1, n) - 1 as start, regexp_instr(r.text, '\[\d+\]', 1, n, 1) - 1 as after
        from generate_series(1, regexp_count(r.text, '\[\d+\]')) n
    ) m
) m
"""
RESPONSES = f"""
select json_agg(json_build_object('node', json_build_object(
    'id', r.id, 'status', r.status, 'text', r.text,
    'grounding', json_build_object(
        'tokens', r.grounding -> 'tokens', 'budget', r.budget, 'items', coalesce(({ITEMS}), '[]')
    ),
    'citations', coalesce(({CITATIONS}), '[]')
))) from (
    select * from responses r where r.user_id = v.user_id and r.conversation_id = v.id
    order by r.created_at desc, r.id desc limit 5
) r
"""
Q4_TALK = f"""
select json_build_object(
    'id', v.id, 'title', v.title,
    'turns', json_build_object('edges', coalesce(({TURNS}), '[]')),
    'responses', json_build_object('edges', coalesce(({RESPONSES}), '[]'))
)
from conversations v where v.user_id = $1 and v.id = $2
"""
Q4 = data("conversation", f"({Q4_TALK})")

Q6 = f"""
with c as (
    insert into contexts (user_id, id, context_type, content, search)
    select $1::uuid, uuidv7(), 'knowledge', jsonb_build_object('text', $2::text),
        to_tsvector('english', 'knowledge' || chr(10) || $2::text)
    returning *
)
{
    data(
        "createContext",
        "json_build_object('context', json_build_object("
        "'contextType', c.context_type, 'content', c.content, 'version', c.version))",
    )
}
from c
"""

Variables = dict[str, Any]
Arguments = Callable[[UUID, Variables], tuple[object, ...]]


def _by_external_id(namespace: UUID, asked: Variables) -> tuple[object, ...]:
    return (uuid5(namespace, asked["externalId"]),)


ASKED: dict[str, tuple[str, Arguments]] = {
    "Q1": (Q1, lambda space, asked: (*_by_external_id(space, asked), asked["type"])),
    "Q2": (Q2, lambda _, asked: place(asked["after"])),
    "Q3": (Q3, lambda _, asked: named(asked["id"])),
    "Q4": (Q4, lambda _, asked: named(asked["id"])),
    "Q5a": (Q5A, _by_external_id),
    "Q5b": (Q5B, lambda space, asked: (*_by_external_id(space, asked), *place(asked["after"]))),
    "Q6": (Q6, lambda _, asked: (named(asked["userId"])[0], asked["content"]["text"])),
}
"""Each with the arguments that it takes, from the namespace of users' ids and the variables of the request."""
