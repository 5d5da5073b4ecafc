"""Models of providers, through the real client libraries, against servers that speak the providers' wire formats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from api.errors import ModelTimeout, ModelUnavailable, Refusal
from api.models import Answering, Message, Patience, Prompt, Usage, connected, reached
from tests.models.conftest import KEY, point
from tests.providers import Cut, Provider, Refuses, Says, provider

PROMPT = Prompt(
    (Message("SYSTEM", "Answer from what is known."), Message("USER", "Where does Ada live?")),
    (),
    "Where does Ada live?",
)
HASTE = Patience(first=10, silence=10, retries=2, pause=0)
NAMES = ("openai:gpt-4o-mini", "openai-responses:gpt-4o-mini", "anthropic:claude-haiku-4-5")


@pytest.fixture
def served(environment: pytest.MonkeyPatch) -> Any:
    @asynccontextmanager
    async def serve(*script: Says | Refuses) -> AsyncIterator[Provider]:
        async with provider(*script) as one:
            point(environment, one.url)
            yield one

    return serve


async def heard(
    name: str, patience: Patience = HASTE, prompt: Prompt = PROMPT, fallbacks: tuple[str, ...] = ()
) -> list[str | Usage | Answering]:
    """All that the model says."""
    models = reached([name], fallbacks, patience)
    async with connected(models):
        return [piece async for piece in models[name].stream(prompt)]


async def said_before(
    name: str, patience: Patience = HASTE, fallbacks: tuple[str, ...] = ()
) -> tuple[list[Any], Refusal]:
    """What the model says before it fails, and how it fails."""
    models = reached([name], fallbacks, patience)
    said: list[Any] = []
    async with connected(models):
        try:
            async for piece in models[name].stream(PROMPT):
                said.append(piece)  # noqa: PERF401  # what was said before the error counts
        except Refusal as refusal:
            return said, refusal
    raise AssertionError(said)


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_comes_piece_by_piece_with_its_size_and_price(
    served: Any, name: str
) -> None:
    async with served(Says(["Lon", "don", "."])):
        *pieces, usage = await heard(name)
    assert pieces == ["Lon", "don", "."]
    assert isinstance(usage, Usage)
    assert (usage.input_tokens, usage.output_tokens) == (12, 3)
    assert usage.cost_usd
    assert 0 < usage.cost_usd < 0.001


async def test_each_provider_gets_the_system_message_where_it_wants_it(served: Any) -> None:
    async with served(Says(["x"])) as one:
        for name in NAMES:
            await heard(name)
        await heard("ollama:gemma3:27b")
    chat, responses, messages, gemma = one.bodies
    assert chat["messages"] == [
        {"role": "system", "content": "Answer from what is known."},
        {"role": "user", "content": "Where does Ada live?"},
    ]
    assert responses["store"] is False
    assert "Answer from what is known." in str(responses["input"]) + str(
        responses.get("instructions")
    )
    assert "Answer from what is known." in str(messages["system"])
    assert [one["role"] for one in messages["messages"]] == ["user"]
    assert gemma["model"] == "gemma3:27b"
    assert gemma["messages"] == [
        {"role": "user", "content": "Answer from what is known.\n\nWhere does Ada live?"}
    ]


async def test_a_price_or_a_size_that_nobody_knows_is_not_made_up(served: Any) -> None:
    async with served(Says(["x"]), Says(["x"], usage=None)):
        assert await heard("ollama:nobodys-model") == ["x", Usage(12, 3, None)]
        assert await heard("ollama:nobodys-model") == ["x"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_what_may_pass_is_tried_again(served: Any, name: str, status: int) -> None:
    async with served(Refuses(status, {"Retry-After": "0"}), Refuses(status), Says(["x"])) as one:
        assert (await heard(name))[0] == "x"
    assert len(one.bodies) == 3


@pytest.mark.parametrize("name", NAMES)
async def test_it_is_tried_again_only_so_often(served: Any, name: str) -> None:
    async with served(Refuses(500)) as one:
        said, refused = await said_before(name)
    assert len(one.bodies) == 3
    assert said == []
    assert isinstance(refused, ModelUnavailable)
    assert name in str(refused)
    assert "500" in str(refused)


async def test_a_provider_that_asks_for_more_time_than_there_is_is_not_waited_for(
    served: Any,
) -> None:
    async with served(Refuses(429, {"Retry-After": "40"}), Says(["x"])) as one:
        _, refused = await said_before("openai:gpt-4o-mini")
    assert len(one.bodies) == 1
    assert "ask again in 40 seconds" in str(refused)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "remedy"), [(401, "key"), (404, "name"), (400, "model")])
async def test_what_will_not_pass_is_not_tried_again_and_the_remedy_is_named(
    served: Any, name: str, status: int, remedy: str
) -> None:
    async with served(Refuses(status)) as one:
        _, refused = await said_before(name)
    assert len(one.bodies) == 1
    assert f"HTTP {status}" in str(refused)
    assert remedy in str(refused)


@pytest.mark.parametrize("name", NAMES)
async def test_a_key_that_the_provider_repeats_goes_no_further(served: Any, name: str) -> None:
    async with served(Refuses(401)):
        _, refused = await said_before(name)
    error: BaseException | None = refused
    while error is not None:
        assert KEY not in f"{error!s} {error!r} {error.__dict__}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


async def test_a_model_and_what_holds_it_do_not_show_the_key(served: Any) -> None:
    async with served(Says(["x"])):
        models = reached(NAMES, ["anthropic:claude-haiku-4-5"], HASTE)
        assert KEY not in repr(models)
        assert not any(KEY in repr(vars(model)) for model in models.values())


@pytest.mark.parametrize("name", NAMES)
async def test_a_model_that_does_not_begin_is_given_up(served: Any, name: str) -> None:
    async with served(Says([asyncio.Event()])):
        said, refused = await said_before(name, Patience(first=0.2, silence=10))
    assert said == []
    assert isinstance(refused, ModelTimeout)
    assert "0.2 seconds" in str(refused)


@pytest.mark.parametrize("name", NAMES)
async def test_a_model_that_falls_silent_is_given_up_with_what_it_has_said(
    served: Any, name: str
) -> None:
    async with served(Says(["Lon", asyncio.Event()])) as one:
        said, refused = await said_before(name, Patience(first=10, silence=0.2))
    assert said == ["Lon"]
    assert isinstance(refused, ModelTimeout)
    assert name in str(refused)
    assert len(one.bodies) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_a_connection_that_breaks_in_mid_answer_fails_with_what_was_said(
    served: Any, name: str
) -> None:
    async with served(Says(["Lon", Cut])) as one:
        said, refused = await said_before(name)
    assert said == ["Lon"]
    assert isinstance(refused, ModelUnavailable)
    assert name in str(refused)
    assert len(one.bodies) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_a_connection_that_breaks_before_the_answer_is_tried_again(
    served: Any, name: str
) -> None:
    async with served(Says([Cut]), Says(["x"])):
        assert (await heard(name))[0] == "x"


async def test_a_server_that_is_not_there_is_named_with_the_remedy(
    environment: pytest.MonkeyPatch,
) -> None:
    point(environment, "http://127.0.0.1:9")
    _, refused = await said_before("openai:gpt-4o-mini")
    assert "The connection to openai:gpt-4o-mini failed" in str(refused)
    assert "base URL" in str(refused)


@pytest.mark.parametrize("name", ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"])
async def test_an_answer_that_the_model_cut_short_is_not_passed_off_as_whole(
    served: Any, name: str
) -> None:
    async with served(Says(["Lon"], ends="length")):
        said, refused = await said_before(name)
    assert said == ["Lon"]
    assert "limit" in str(refused)


async def test_a_stream_that_ends_without_saying_so_is_not_passed_off_as_whole(
    served: Any,
) -> None:
    async with served(Says(["Lon"], ends=None)):
        said, refused = await said_before("anthropic:claude-haiku-4-5")
    assert said == ["Lon"]
    assert "broke off" in str(refused)


async def test_a_model_that_says_nothing_has_not_answered(served: Any) -> None:
    async with served(Says([])):
        said, refused = await said_before("openai:gpt-4o-mini")
    assert said == []
    assert isinstance(refused, ModelUnavailable)


async def test_who_stops_listening_stops_the_model(served: Any) -> None:
    async with served(Says(["Lon", asyncio.Event()])):
        models = reached(["openai:gpt-4o-mini"], [], HASTE)
        async with connected(models):
            stream = models["openai:gpt-4o-mini"].stream(PROMPT)
            assert await anext(stream) == "Lon"
            await stream.aclose()


async def test_the_next_model_answers_for_one_that_cannot_begin(served: Any) -> None:
    async with served(Refuses(401), Says(["x"])):
        said = await heard(NAMES[0], fallbacks=(NAMES[2],))
    assert isinstance(said[0], Answering)
    assert said[0].model == NAMES[2]
    assert "HTTP 401" in said[0].why
    assert said[1] == "x"


async def test_nobody_goes_on_with_what_another_has_begun(served: Any) -> None:
    async with served(Says(["Lon", Cut]), Says(["x"])) as one:
        said, _ = await said_before(NAMES[0], fallbacks=(NAMES[2],))
    assert said == ["Lon"]
    assert len(one.bodies) == 1


async def test_when_none_can_begin_the_reasons_of_all_are_given(served: Any) -> None:
    async with served(Refuses(401), Refuses(404)):
        _, refused = await said_before(NAMES[0], fallbacks=(NAMES[0], NAMES[2]))
    assert "HTTP 401" in str(refused)
    assert "HTTP 404" in str(refused)


async def test_quotations_can_be_the_last_resort(served: Any) -> None:
    async with served(Refuses(401)):
        first, *_ = await heard(NAMES[0], fallbacks=("extractive",))
    assert isinstance(first, Answering)
    assert first.model == "extractive"
