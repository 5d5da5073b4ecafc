"""What the server has done over time, in the graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from api.activity import histogram
from api.activity.division import Division, divided
from api.errors import BadUserInput
from api.schema.info import Info
from api.schema.latency import Latency, latency
from api.schema.node import stored
from db import activity
from db.activity import KEPT_DAYS, Counted, ModelCounts, StoreSize

MOST_MINUTES = KEPT_DAYS * 24 * 60
MOST_POINTS = 500

Minutes = Annotated[
    int,
    strawberry.argument(
        description=f"How many minutes, up to the last one that is over: 1 to {MOST_MINUTES}, which are all kept."
    ),
]
Points = Annotated[
    int,
    strawberry.argument(
        description=f"How many points at most, 2 to {MOST_POINTS}; they lie a round number of minutes or hours apart."
    ),
]


@strawberry.type(description="What there was in the whole store at a moment, as `Stats` counts it.")
class StoreMeasure:
    record: strawberry.Private[StoreSize]
    users: int = stored("Users.")
    contexts: int = stored("Contexts of all types; those that are deleted or have expired count.")
    responses: int = stored("Responses, finished or not.")

    @strawberry.field(description="Bytes that all tables take on disk, with their indexes.")
    def bytes(self) -> float:
        return self.record.bytes


@strawberry.type(description="What was done in a stretch of time, by all processes that serve.")
class ActivityPoint:
    record: strawberry.Private[Counted]
    length: strawberry.Private[int]
    at: datetime = stored("Where the stretch begins.")
    operations: int = stored("Operations that ended in it, refused ones among them.")
    errors: int = stored("Those of them that had an error, whoever made it.")
    responses: int = stored("Answers that ended in it, failed and cancelled ones among them.")
    failed_responses: int = stored("Those of them that failed.")

    @strawberry.field(
        description=(
            "How many seconds it is long; the last one only goes as far as the last minute that is over."
        )
    )
    def seconds(self) -> int:
        return self.length

    @strawberry.field(
        description="How long it took to find what is known about a user, for a search or an answer."
    )
    def retrieval(self) -> Latency:
        return latency(histogram.percentiles(self.record.retrieval))

    @strawberry.field(
        description="How long it took from a question to the first word of its answer."
    )
    def first_token(self) -> Latency:
        return latency(histogram.percentiles(self.record.first_token))

    @strawberry.field(
        description="What there was in the store when it was last measured in the stretch; null if it was not."
    )
    def store(self) -> StoreMeasure | None:
        return StoreMeasure(record=self.record.store) if self.record.store else None


@strawberry.type(description="What was asked of a model.")
class ModelActivity:
    record: strawberry.Private[ModelCounts]
    model: str = stored("The name of the model.")
    responses: int = stored("Answers by it that ended, failed and cancelled ones among them.")
    failed: int = stored("Those of them that failed.")
    input_tokens: float = stored(
        "Tokens that it has read, for answers and summaries, as its provider has reported."
    )
    output_tokens: float = stored(
        "Tokens that it has written, for answers and summaries, as its provider has reported."
    )
    cost_usd: float | None = stored(
        "What that has cost in US dollars, as far as the price is known; null where none is."
    )


@strawberry.type(
    description=(
        "What all processes that serve have done over time, by their clocks. A minute is in it a few seconds after its "
        "end. Percentiles are within 10 % of the exact ones, from 0.1 ms to ten minutes."
    )
)
class Activity:
    division: strawberry.Private[Division]

    @strawberry.field(
        description=f"The first minute that is kept, of {KEPT_DAYS} days; null while the first of all is being counted."
    )
    async def since(self, info: Info) -> datetime | None:
        return await activity.since(info.context.db)

    @strawberry.field(
        description="Stretches of time, the oldest first and without a gap. The first may begin before what was asked."
    )
    async def points(self, info: Info) -> list[ActivityPoint]:
        it = self.division
        found = {
            one.at: one
            for one in await activity.stretched(
                info.context.db, it.resolution, it.begins, it.ends, it.seconds
            )
        }
        return [
            ActivityPoint(record=found.get(at) or _nothing(at), length=length)
            for at, length in it.stretches()
        ]

    @strawberry.field(
        description="What was asked of each model in all this time, the one with the most answers first."
    )
    async def models(self, info: Info) -> list[ModelActivity]:
        it = self.division
        counted = await activity.of_models(info.context.db, it.resolution, it.begins, it.ends)
        return [ModelActivity(record=one) for one in counted]


def over(minutes: int, points: int) -> Activity:
    """The last so many minutes. Raises `BadUserInput`."""
    _require("minutes", minutes, 1, MOST_MINUTES)
    _require("points", points, 2, MOST_POINTS)
    return Activity(division=divided(minutes, points, datetime.now(UTC)))


def _require(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadUserInput(f"{name} is {value}; it may be from {least} to {most}.")


def _nothing(at: datetime) -> Counted:
    return Counted(at, 0, 0, 0, 0, (), (), None, None, None, None)
