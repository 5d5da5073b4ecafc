"""Rating answers."""

from __future__ import annotations

from typing import Annotated

import strawberry
from pydantic import Field

from api.errors import BadUserInput
from api.observe import ResponseRated
from api.schema import response
from api.schema.circles import Response
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.inputs import Comment, Input
from db import ratings, records
from db.contexts import Owned
from db.errors import Missing
from db.ratings import Rating


@strawberry.pydantic.input(description="What a user thinks of an answer.")
class RateResponseInput(Input):
    id: strawberry.ID = Field(
        description="The response. It has ended: well, in failure or cancelled; what was said until then is rated."
    )
    score: Annotated[int, Field(ge=1, le=5)] = Field(description="From 1, bad, to 5, good.")
    comment: Comment | None = Field(
        None, description="What there is to say about it: at most 2,000 characters."
    )


@strawberry.type(description="The response that was rated.")
class RateResponsePayload:
    response: Response = strawberry.field(description="The response, with its rating.")


@strawberry.type(description="Rating answers.")
class RatingMutations:
    @strawberry.mutation(
        description="Rate a response that has ended. A rating replaces the one before, its comment included."
    )
    async def rate_response(
        self,
        info: Info,
        input: Annotated[RateResponseInput, strawberry.argument(description="The rating.")],
    ) -> RateResponsePayload:
        owned = named(Kind.Response, input.id)
        record = await _rated(info, owned, Rating(input.score, input.comment))
        told = ResponseRated(str(record.id), str(record.user_id), record.model, input.score)
        info.context.observe(told)
        return RateResponsePayload(response=response.Response(record=record))


async def _rated(info: Info, owned: Owned, rating: Rating) -> records.Response:
    record = await ratings.rate(info.context.db, *owned, rating)
    if record is not None:
        return record
    if await info.context.loaders.responses.load(owned) is None:
        raise Missing("response")
    raise BadUserInput("The response has not ended yet; rate it once it has, or cancel it first.")
