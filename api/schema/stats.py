"""What there is in the whole store, in the graph."""

from __future__ import annotations

from uuid import UUID

import strawberry

from api.schema import activity, user
from api.schema.activity import Activity, Minutes, Points
from api.schema.circles import User
from api.schema.found import found
from api.schema.info import Info
from api.schema.latency import Latency, latency
from api.schema.node import stored
from api.schema.storage import BYTES
from db import statistics
from db.statistics import Statistics


@strawberry.type(description="A user with more contexts than others.")
class LargestUser:
    user_id: strawberry.Private[UUID]
    contexts: int = strawberry.field(
        description="Contexts that are there: neither deleted nor expired."
    )
    bytes: float = strawberry.field(description=BYTES)

    @strawberry.field(name="user", description="The user; null if it was erased just now.")
    def who(self, info: Info) -> User | None:
        return found(info.context.loaders.users, self.user_id, user.User)


@strawberry.type(
    description=(
        "What there is in the whole store. A table of 100,000 rows or more is not counted: its number of rows is then "
        "PostgreSQL's estimate, which is a few in a hundred off, and more after very many rows were stored at once."
    )
)
class Stats:
    record: strawberry.Private[Statistics]
    users: int = stored("Users.")
    contexts: int = stored("Contexts of all types; those that are deleted or have expired count.")
    responses: int = stored("Responses, finished or not.")
    is_estimated: bool = stored("Whether one of these three numbers is an estimate.")
    average_rating: float | None = stored(
        "The average score of all responses that are rated, from 1 to 5; null while none is. Exact."
    )

    @strawberry.field(description="Bytes that all tables take on disk, with their indexes. Exact.")
    def bytes(self) -> float:
        return self.record.bytes

    @strawberry.field(
        description=(
            "How long it took to find what is known about a user, for a search or an answer: of the last ten minutes, "
            "in the server process that answers this."
        )
    )
    def retrieval_latency(self, info: Info) -> Latency:
        return latency(info.context.retrievals.percentiles())

    @strawberry.field(
        description=(
            "The users with the most contexts, at most 10, the largest first. Where contexts are not counted, they are "
            "those that PostgreSQL's sample of them has often: none, if nobody stands out. What each has is exact."
        )
    )
    async def largest_users(self, info: Info) -> list[LargestUser]:
        return [
            LargestUser(user_id=one.user_id, contexts=one.contexts, bytes=one.bytes)
            for one in await statistics.largest(info.context.db)
        ]

    @strawberry.field(
        description="What all processes that serve have done over time: how much, how fast, and with which models."
    )
    def activity(self, minutes: Minutes = 60, points: Points = 60) -> Activity:
        return activity.over(minutes, points)
