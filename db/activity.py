"""What all processes together have done, minute by minute and hour by hour. There is nothing of any user in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.pool import Database

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class StoreSize:
    """What there was in the whole store."""

    users: int
    contexts: int
    responses: int
    bytes: int


@dataclass(slots=True)
class ModelCounts:
    """What was asked of a model; `cost_usd` is None where no price is known."""

    model: str
    responses: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


@dataclass(slots=True)
class Minute:
    """What one process has seen of a minute. Two are histograms: how often each of their buckets was met."""

    at: datetime
    operations: int = 0
    errors: int = 0
    responses: int = 0
    failed_responses: int = 0
    retrieval: list[int] = field(default_factory=list)
    first_token: list[int] = field(default_factory=list)
    store: StoreSize | None = None
    models: dict[str, ModelCounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """What all have counted in the stretch that begins `at`; of the store what was measured last, if it was."""

    at: datetime
    operations: int
    errors: int
    responses: int
    failed_responses: int
    retrieval: Sequence[int]
    first_token: Sequence[int]
    users: int | None
    contexts: int | None
    stored_responses: int | None
    bytes: int | None

    @property
    def store(self) -> StoreSize | None:
        if self.users is None or self.contexts is None or self.stored_responses is None:
            return None
        return StoreSize(self.users, self.contexts, self.stored_responses, self.bytes or 0)


def _added(column: str) -> str:
    """Two histograms as one. The shorter of them has met none of the buckets that it lacks."""
    return f"""coalesce((
        select array_agg(coalesce(o.old, 0) + coalesce(o.new, 0) order by o.bucket)
        from unnest(a.{column}, excluded.{column}) with ordinality o(old, new, bucket)
    ), '{{}}')"""


# The minute, and the hour that it is in. In one order, so that two processes do not wait for each other.
_STRETCHES = """
select l.seconds, date_bin(make_interval(secs => l.seconds), $1::timestamptz, timestamptz 'epoch') as at
from (values (60), (3600)) l(seconds)
"""

ADD = f"""
with of_models as (
    insert into activity_of_models as a
        (seconds, at, model, responses, failed, input_tokens, output_tokens, cost_usd)
    select s.seconds, s.at, m.model, m.responses, m.failed, m.input_tokens, m.output_tokens, m.cost_usd
    from ({_STRETCHES}) s cross join unnest(
        $12::text[], $13::integer[], $14::integer[], $15::bigint[], $16::bigint[], $17::double precision[]
    ) m(model, responses, failed, input_tokens, output_tokens, cost_usd)
    order by s.seconds, s.at, m.model
    on conflict (seconds, at, model) do update set
        responses = a.responses + excluded.responses,
        failed = a.failed + excluded.failed,
        input_tokens = a.input_tokens + excluded.input_tokens,
        output_tokens = a.output_tokens + excluded.output_tokens,
        cost_usd = coalesce(a.cost_usd + excluded.cost_usd, a.cost_usd, excluded.cost_usd)
)
insert into activity as a (
    seconds, at, operations, errors, responses, failed_responses, retrieval, first_token,
    users, contexts, stored_responses, bytes
)
select s.seconds, s.at, $2::integer, $3::integer, $4::integer, $5::integer, $6::integer[], $7::integer[],
    $8::bigint, $9::bigint, $10::bigint, $11::bigint
from ({_STRETCHES}) s
order by s.seconds, s.at
on conflict (seconds, at) do update set
    operations = a.operations + excluded.operations,
    errors = a.errors + excluded.errors,
    responses = a.responses + excluded.responses,
    failed_responses = a.failed_responses + excluded.failed_responses,
    retrieval = {_added("retrieval")},
    first_token = {_added("first_token")},
    users = coalesce(excluded.users, a.users),
    contexts = coalesce(excluded.contexts, a.contexts),
    stored_responses = coalesce(excluded.stored_responses, a.stored_responses),
    bytes = coalesce(excluded.bytes, a.bytes)
"""


async def add(db: Database, minute: Minute) -> None:
    """Add what one process has counted to what the others have."""
    store = minute.store
    size = (store.users, store.contexts, store.responses, store.bytes) if store else (None,) * 4
    models = sorted(minute.models.values(), key=lambda one: one.model)
    await db.fetch(
        ADD,
        minute.at,
        minute.operations,
        minute.errors,
        minute.responses,
        minute.failed_responses,
        minute.retrieval,
        minute.first_token,
        *size,
        [one.model for one in models],
        [one.responses for one in models],
        [one.failed for one in models],
        [one.input_tokens for one in models],
        [one.output_tokens for one in models],
        [one.cost_usd for one in models],
    )


def _summed(column: str) -> str:
    """The histogram of each stretch."""
    return f"""
        select n.stretch, array_agg(n.counts order by n.bucket) as counts
        from (
            select a.stretch, h.bucket, sum(h.count)::bigint as counts
            from asked a cross join lateral unnest(a.{column}) with ordinality h(count, bucket)
            group by a.stretch, h.bucket
        ) n group by n.stretch
    """


def _last(column: str) -> str:
    return f"(array_agg(a.{column} order by a.at desc) filter (where a.{column} is not null))[1] as {column}"


STRETCHED = f"""
with asked as materialized (
    select date_bin(make_interval(secs => $4), a.at, timestamptz 'epoch') as stretch, a.*
    from activity a where a.seconds = $1 and a.at >= $2 and a.at < $3
), summed as (
    select a.stretch, sum(a.operations)::bigint as operations, sum(a.errors)::bigint as errors,
        sum(a.responses)::bigint as responses, sum(a.failed_responses)::bigint as failed_responses,
        {_last("users")}, {_last("contexts")}, {_last("stored_responses")}, {_last("bytes")}
    from asked a group by a.stretch
)
select s.stretch as at, s.operations, s.errors, s.responses, s.failed_responses,
    coalesce(r.counts, '{{}}') as retrieval, coalesce(f.counts, '{{}}') as first_token,
    s.users, s.contexts, s.stored_responses, s.bytes
from summed s
left join ({_summed("retrieval")}) r on r.stretch = s.stretch
left join ({_summed("first_token")}) f on f.stretch = s.stretch
order by s.stretch
"""


async def stretched(
    db: Database, resolution: int, begins: datetime, ends: datetime, seconds: int
) -> list[Counted]:
    """The stretches of so many seconds in which anything was counted, made of minutes or of hours (`resolution`)."""
    rows = await db.fetch(STRETCHED, resolution, begins, ends, seconds)
    return [Counted(*row) for row in rows]


OF_MODELS = """
select a.model, sum(a.responses)::bigint as responses, sum(a.failed)::bigint as failed,
    sum(a.input_tokens)::bigint as input_tokens, sum(a.output_tokens)::bigint as output_tokens,
    sum(a.cost_usd) as cost_usd
from activity_of_models a where a.seconds = $1 and a.at >= $2 and a.at < $3
group by a.model order by responses desc, a.model
"""


async def of_models(
    db: Database, resolution: int, begins: datetime, ends: datetime
) -> list[ModelCounts]:
    """What was asked of each model, the most answers first; read from minutes or from hours (`resolution`)."""
    return [ModelCounts(*row) for row in await db.fetch(OF_MODELS, resolution, begins, ends)]


SINCE = "select min(a.at) as at from activity a where a.seconds = 60"


async def since(db: Database) -> datetime | None:
    """The first minute that is kept."""
    row = await db.fetchrow(SINCE)
    return row["at"] if row else None


FORGET = """
with of_models as (
    delete from activity_of_models
    where seconds in (60, 3600) and at < now() - make_interval(days => $1)
)
delete from activity where seconds in (60, 3600) and at < now() - make_interval(days => $1)
"""


async def forget(db: Database, days: int = KEPT_DAYS) -> None:
    """Forget what is older than so many days. There is little of it: a row a minute."""
    await db.fetch(FORGET, days)
