"""How the events of a response become one row when it ends, and how they are told from that row.

While a response runs, its events are rows of `response_events`. When it ends, its deltas are joined to its
text, `delta_ends` keeps where each of them ends, and the rows go: started, each delta, and the end it came to
can all be told from the one row that stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from db.records import ResponseEvent, StandingResponse


def said(user: str, response: str) -> str:
    """What a running response has said so far; both are SQL."""
    return f"""
    select coalesce(string_agg(e.text, '' order by e.seq), '') as text,
        coalesce(array_agg(e.upto order by e.seq), '{{}}') as ends
    from (
        select seq, text, (sum(length(text)) over (order by seq))::integer as upto
        from response_events where user_id = {user} and response_id = {response} and kind = 'DELTA'
    ) e
"""


SAID = said("$1", "$2")

AWAY = """
    delete from response_events e using r where e.user_id = r.user_id and e.response_id = r.id
"""


def unfolded(ended: StandingResponse, after: int) -> Iterator[ResponseEvent]:
    """The events with `seq > after`, oldest first, the last of them being the end."""
    named = ended.user_id, ended.id
    if ended.has_begun and after < 1:
        yield ResponseEvent(*named, 1, "STARTED", "")
    start = 0
    # Delta n is event n + 1.
    for seq, ends in enumerate(ended.delta_ends, max(after, 1) + 1):
        end = ends - ended.text_from
        yield ResponseEvent(*named, seq, "DELTA", ended.text[start:end])
        start = end
    last = ended.has_begun + ended.deltas + 1
    if last > after:
        yield ResponseEvent(*named, last, ended.status, "")
