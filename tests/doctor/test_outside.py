"""What the doctor says of models, Redis and issuers: real servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.doctor import outside
from api.doctor.finding import Finding
from api.models.contact import contact
from api.models.hosted import Hosted
from api.settings import Settings
from tests.a_redis import a_redis
from tests.issuing import issuing, signing_key
from tests.models.conftest import KEY, environment, point
from tests.serving import serving_plainly

__all__ = ["environment"]


def given(**settings: object) -> Settings:
    return Settings(_env_file=None, **settings)  # type: ignore[arg-type]


@asynccontextmanager
async def listing(*names: str, status: int = 200) -> AsyncIterator[str]:
    """A provider that lists these models, or answers with the status and repeats the key."""

    async def listed(request: Request) -> Response:
        key = request.headers.get("authorization", "") + request.headers.get("x-api-key", "")
        assert KEY in key
        if status != 200:
            return JSONResponse({"error": {"message": f"no: {key}"}}, status)
        data = [
            {
                "id": name,
                "object": "model",
                "type": "model",
                "created": 1,
                "owned_by": "us",
                "display_name": name,
                "created_at": "2026-01-01T00:00:00Z",
            }
            for name in names
        ]
        return JSONResponse({"object": "list", "data": data, "has_more": False})

    async with serving_plainly(Starlette(routes=[Route("/v1/models", listed)])) as url:
        yield url


MODELS = ["openai:small", "ollama:small", "anthropic:small"]


async def asked(model: str) -> Finding:
    *_, found = await outside.models(given(models=model))
    return found


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("names", "status", "state", "words"),
    [
        (["small", "large"], 200, "ok", "lists the model"),
        (["large"], 200, "warn", "does not list the model"),
        ([], 401, "fail", "refuses the key"),
        ([], 404, "ok", "no list of models"),
        ([], 500, "fail", "status 500"),
    ],
)
async def test_a_provider_is_asked_for_its_models_and_for_no_answer(
    environment: pytest.MonkeyPatch,
    model: str,
    names: Sequence[str],
    status: int,
    state: str,
    words: str,
) -> None:
    async with listing(*names, status=status) as url:
        point(environment, url)
        found = await asked(model)
        embedding = await outside.embedders(given(embedding_model="openai:small"))
    assert (found.state, embedding[0].state) == (state, state)
    assert words in found.detail
    assert KEY not in str(found) + str(embedding)
    assert url not in str(found) + str(embedding)


async def test_a_provider_that_is_away_fails(environment: pytest.MonkeyPatch) -> None:
    point(environment, "http://127.0.0.1:1")
    found = await asked("openai:small")
    assert found.state == "fail"
    assert "no connection" in found.detail
    assert "docs/models.md" in found.remedy


async def test_where_models_are_not_listed_a_connection_is_tried(
    environment: pytest.MonkeyPatch,
) -> None:
    class Elsewhere(Hosted):
        """A provider whose library has no list, at the address of a server that is there or is not."""

        def __init__(self, address: str) -> None:
            self.name = "elsewhere:small"
            self._address = address

        @property
        def address(self) -> str | None:
            return self._address

    async with serving_plainly(Starlette()) as url:
        made = await contact(Elsewhere(url))
        assert made.is_made
        assert "the key was not tried" in made.told
        # It speaks no TLS.
        assert not (await contact(Elsewhere(url.replace("http:", "https:")))).is_made
    assert not (await contact(Elsewhere("http://127.0.0.1:1"))).is_made
    assert (await contact(Elsewhere(""))).is_doubtful


async def test_a_model_without_its_key_fails_with_the_remedy(
    environment: pytest.MonkeyPatch,
) -> None:
    found = await asked("openai:small")
    assert found.state == "fail"
    assert "OPENAI_API_KEY" in found.remedy
    (embedder,) = await outside.embedders(given(embedding_model="openai:small"))
    assert embedder.state == "fail"


async def test_redis_answers_or_does_not(tmp_path: Path) -> None:
    assert (await outside.redis(given())).state == "ok"
    with a_redis(tmp_path) as url:
        assert (await outside.redis(given(redis_url=url))).detail == "it answers"
    away = await outside.redis(given(redis_url="redis://:s3cr3t@127.0.0.1:1/0"))
    assert away.state == "fail"
    assert "s3cr3t" not in str(away)


async def test_an_issuer_publishes_keys_and_keeps_the_time() -> None:
    async with issuing(signing_key("a"), signing_key("b")) as issuer:
        keys, clock = await outside.issuer(given(jwt_jwks_url=issuer.url))
        assert keys.detail == "it publishes 2 keys"
        assert clock.state == "ok"
        issuer.is_up = False
        (found,) = await outside.issuer(given(jwt_jwks_url=issuer.url))
        assert found.state == "fail"
    (found,) = await outside.issuer(given(jwt_jwks_url="http://ada:s3cr3t@127.0.0.1:1/jwks"))
    assert found.state == "fail"
    assert "s3cr3t" not in str(found)
