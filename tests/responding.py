"""Having a response generated and following it, as the tests of many rooms do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from api.models import Model
from api.settings import Settings
from db.pool import Access
from tests.asking import Asker, asking
from tests.scripted import Scripted

RESPONSE = "id status text message usage { inputTokens outputTokens } error { code message }"
GENERATE = f"""mutation($input: GenerateResponseInput!) {{
  generateResponse(input: $input) {{ response {{ {RESPONSE} }} }}
}}"""
START = f"mutation($input: GenerateResponseInput!) {{ startResponse(input: $input) {{ response {{ {RESPONSE} }} }} }}"
EVENTS = """
subscription($id: ID!, $after: Int! = 0) {
  responseEvents(id: $id, after: $after) {
    __typename
    ... on ResponseStarted { seq response { status grounding { tokens } } }
    ... on ResponseDelta { seq text }
    ... on ResponseCompleted { seq response { status text } }
    ... on ResponseFailed { seq response { status text } error { code } }
    ... on ResponseCancelled { seq response { status text } }
  }
}
"""


CANCEL = f"""mutation($id: ID!) {{
  cancelResponse(input: {{ id: $id }}) {{ response {{ {RESPONSE} }} }}
}}"""
RATE = """mutation($input: RateResponseInput!) {
  rateResponse(input: $input) { response { id rating { score comment createdAt } } }
}"""
SHOWN = f"query($id: ID!) {{ response(id: $id) {{ {RESPONSE} }} }}"


@asynccontextmanager
async def scripted(
    reached: Access, *lines: Any, settings: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Asker, Scripted]]:
    """A server whose model speaks these lines, and the model."""
    model = Scripted(lines)
    async with answering(reached, {"scripted": model}, **(settings or {})) as asker:
        yield asker, model


@asynccontextmanager
async def answering(
    reached: Access, models: Mapping[str, Model], **settings: Any
) -> AsyncIterator[Asker]:
    """A server with these models, the first of which answers."""
    knobs = Settings(_env_file=None, model=next(iter(models)), **settings)
    async with asking(reached, models, knobs) as asker:
        yield asker


async def a_user(asker: Asker, name: str = "ada") -> str:
    made = await asker.data(
        "mutation($name: String!) { upsertUser(input: { externalId: $name }) { user { id } } }",
        name=name,
    )
    return str(made["upsertUser"]["user"]["id"])


async def generated(asker: Asker, user: str, message: str = "?", **more: Any) -> dict[str, Any]:
    answer = await asker.data(GENERATE, input={"userId": user, "message": message, **more})
    response: dict[str, Any] = answer["generateResponse"]["response"]
    return response


async def begun(asker: Asker, user: str, message: str = "?", **more: Any) -> str:
    """The id of a response that has been started, and goes on by itself."""
    answer = await asker.data(START, input={"userId": user, "message": message, **more})
    return str(answer["startResponse"]["response"]["id"])


async def shown(asker: Asker, id: str) -> dict[str, Any]:
    """The response as it stands."""
    response: dict[str, Any] = (await asker.data(SHOWN, id=id))["response"]
    return response


async def cancelled(asker: Asker, id: str) -> dict[str, Any]:
    response: dict[str, Any] = (await asker.data(CANCEL, id=id))["cancelResponse"]["response"]
    return response


async def rated(asker: Asker, id: str, score: int, comment: str | None = None) -> Any:
    """The rating as it stands then."""
    given = {"id": id, "score": score, "comment": comment}
    return (await asker.data(RATE, input=given))["rateResponse"]["response"]["rating"]


async def events(asker: Asker, id: str, after: int = 0) -> list[dict[str, Any]]:
    return [one["data"]["responseEvents"] async for one in asker.follow(EVENTS, id=id, after=after)]


def kinds(seen: Sequence[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(event["seq"], event["__typename"].removeprefix("Response")) for event in seen]


async def spoken(asker: Asker, id: str, text: str) -> None:
    """Wait until so much of the answer is stored."""
    async with asyncio.timeout(5):
        while (await shown(asker, id))["text"] != text:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)
