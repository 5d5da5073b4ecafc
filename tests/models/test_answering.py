"""Responses of hosted models, from the mutation to the wire and back to the graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from api.models import Patience
from api.models import reached as models_reached
from api.observe import ModelPassedOver, ResponseEnded
from api.settings import Settings
from api.telemetry.logs import Logs, configure
from db.pool import Access
from tests.asking import Asker, asking
from tests.models.conftest import KEY, point
from tests.providers import Cut, Provider, Refuses, Says, provider
from tests.responding import a_user, events, generated, kinds, shown

OPENAI, ANTHROPIC = "openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"
HASTE = Patience(first=10, silence=10, retries=1, pause=0)
WHOLE = """
query($id: ID!) {
  response(id: $id) {
    model
    usage { inputTokens outputTokens costUsd }
    grounding { prompt { role text } }
  }
}
"""


@pytest.fixture
def hosted(reached: Access, environment: pytest.MonkeyPatch) -> Any:
    """A server whose default is a model of OpenAI's, at a provider that goes by the script."""

    @asynccontextmanager
    async def serve(
        *script: Says | Refuses, fallbacks: tuple[str, ...] = ()
    ) -> AsyncIterator[tuple[Asker, Provider]]:
        async with provider(*script) as one:
            point(environment, one.url)
            models = models_reached([OPENAI], fallbacks, HASTE)
            async with asking(reached, models, Settings(_env_file=None, model=OPENAI)) as asker:
                yield asker, one

    return serve


async def test_the_model_is_sent_what_the_receipt_holds_and_its_answer_is_stored(
    hosted: Any,
) -> None:
    async with hosted(Says(["Lon", "don."])) as (asker, one):
        user = await a_user(asker)
        await asker.data(
            """mutation($user: ID!) { createContext(input: {
              userId: $user, contextType: "knowledge", content: { text: "Ada lives in London." }
            }) { context { id } } }""",
            user=user,
        )
        response = await generated(asker, user, "Where does Ada live?")
        whole = (await asker.data(WHOLE, id=response["id"]))["response"]
    assert (response["status"], response["text"]) == ("COMPLETED", "London.")
    sent = [(message["role"].upper(), message["content"]) for message in one.bodies[0]["messages"]]
    assert sent == [(part["role"], part["text"]) for part in whole["grounding"]["prompt"]]
    assert "Ada lives in London." in str(sent)
    assert whole["model"] == OPENAI
    assert whole["usage"]["inputTokens"] == 12
    assert whole["usage"]["outputTokens"] == 3
    assert 0 < whole["usage"]["costUsd"] < 0.001


async def test_the_response_names_the_model_that_took_over(hosted: Any) -> None:
    async with hosted(Refuses(401), Says(["Lon", Cut]), fallbacks=(ANTHROPIC,)) as (asker, _):
        response = await generated(asker, await a_user(asker))
        whole = (await asker.data(WHOLE, id=response["id"]))["response"]
        ended = [fact for fact in asker.facts if isinstance(fact, ResponseEnded)]
        assert kinds(await events(asker, response["id"])) == [
            (1, "Started"),
            (2, "Delta"),
            (3, "Failed"),
        ]
    assert (response["status"], response["text"]) == ("FAILED", "Lon")
    assert ANTHROPIC in response["error"]["message"]
    assert whole["model"] == ANTHROPIC
    assert whole["usage"] is None
    assert [fact.model for fact in ended] == [ANTHROPIC]
    (passed,) = [fact for fact in asker.facts if isinstance(fact, ModelPassedOver)]
    assert (passed.model, passed.answering) == (OPENAI, ANTHROPIC)
    assert "HTTP 401" in passed.why


async def test_a_response_that_nobody_could_answer_says_why_and_keeps_the_model_that_was_asked(
    hosted: Any,
) -> None:
    async with hosted(Refuses(500), fallbacks=(ANTHROPIC,)) as (asker, one):
        response = await generated(asker, await a_user(asker))
        whole = (await asker.data(WHOLE, id=response["id"]))["response"]
    assert len(one.bodies) == 4
    assert response["error"]["code"] == "MODEL_UNAVAILABLE"
    assert OPENAI in response["error"]["message"]
    assert ANTHROPIC in response["error"]["message"]
    assert whole["model"] == OPENAI


async def test_a_key_is_in_no_answer_no_fact_and_no_log_line(
    hosted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("json")
    async with hosted(Refuses(401), fallbacks=("extractive",)) as (asker, _):
        response = await generated(asker, await a_user(asker))
        told = await shown(asker, response["id"])
        for fact in asker.facts:
            Logs(slow=1)(fact)
        assert any(isinstance(fact, ModelPassedOver) for fact in asker.facts)
        assert KEY not in f"{response} {told} {asker.facts}"
    structlog.reset_defaults()
    assert KEY not in "".join(capsys.readouterr())


async def test_only_the_models_of_the_settings_may_be_asked(hosted: Any) -> None:
    async with hosted(Says(["x"]), fallbacks=(ANTHROPIC,)) as (asker, one):
        user = await a_user(asker)
        asked = {"input": {"userId": user, "message": "?", "model": ANTHROPIC}}
        refused = await asker.error(
            "mutation($input: GenerateResponseInput!) { startResponse(input: $input) { response { id } } }",
            **asked,
        )
        assert refused["extensions"]["code"] == "BAD_USER_INPUT"
        assert OPENAI in refused["message"]
        quoted = await generated(asker, user, model="extractive")
    assert quoted["status"] == "COMPLETED"
    assert one.bodies == []


async def test_the_models_are_listed_the_default_first(hosted: Any) -> None:
    async with hosted(Says(["x"])) as (asker, _):
        listed = await asker.data("{ models { name provider isDefault } }")
    assert listed["models"] == [
        {"name": OPENAI, "provider": "openai", "isDefault": True},
        {"name": "extractive", "provider": "contextql", "isDefault": False},
    ]
