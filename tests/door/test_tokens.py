"""Tokens: signed with a secret or by an issuer, good and hostile, over a real socket; the issuer is a real server."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from time import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.door import issuer as door_issuer
from api.observe import Fact, IssuerLost
from tests.credential import AUTHORIZED, bearing
from tests.door.conftest import Served, url_of
from tests.door.sockets import closed_with, follow, received, send, socket, subscribe
from tests.issuing import SECRET, issuing, signing_key, token
from tests.responding import EVENTS
from tests.scripted import Scripted
from tests.waiting import until
from tests.watching import begun_at, frames

USERS = '{ users { totalCount } ada: user(by: { externalId: "ada" }) { externalId } }'
ADA = 'mutation { upsertUser(input: { externalId: "ada" }) { user { externalId } } }'


async def ask(client: httpx.AsyncClient, credential: str, query: str = ADA) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=bearing(credential))


async def is_ada(client: httpx.AsyncClient, credential: str) -> bool:
    """Whether the credential writes Ada and nobody else."""
    answer = await ask(client, credential)
    assert answer.status_code == 200, answer.text
    other = await ask(client, credential, ADA.replace("ada", "bob"))
    assert other.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    return bool(answer.json()["data"]["upsertUser"]["user"]["externalId"] == "ada")


async def is_service(client: httpx.AsyncClient, credential: str) -> bool:
    answer = await ask(client, credential, "{ users { totalCount } }")
    return "errors" not in answer.json()


async def refusal(client: httpx.AsyncClient, credential: str) -> str:
    """What is said to who sends this, which has to be refused."""
    answer = await ask(client, credential)
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert credential not in answer.text
    return str(error["message"])


async def test_the_subject_of_a_token_is_the_user_who_asks(served: Served) -> None:
    async with served(jwt_secret=SECRET) as client:
        assert await is_ada(client, token(sub="ada"))
        # Keys are taken beside tokens.
        answer = await client.post("/graphql", json={"query": USERS}, headers=AUTHORIZED)
        assert answer.json()["data"]["users"]["totalCount"] == 1


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_token_of_an_issuer_is_taken_by_the_name_of_its_key(
    served: Served, algorithm: str
) -> None:
    mine, other = signing_key(f"{algorithm} mine", algorithm), signing_key("other", algorithm)
    async with issuing(other, mine) as issuer, served(jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, mine.token(sub="ada"))
        assert await is_ada(client, other.token(sub="ada"))
        lent = mine.token(sub="ada", headers={"kid": "other"})
        assert "signature" in await refusal(client, lent)
        assert issuer.asked == 1


async def test_a_secret_and_an_issuer_are_taken_side_by_side(served: Served) -> None:
    key = signing_key("one")
    async with issuing(key) as issuer, served(jwt_secret=SECRET, jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, key.token(sub="ada"))
        assert await is_ada(client, token(sub="ada"))


def pieces(**parts: Any) -> str:
    """A token whose parts are as given: objects become JSON, and the signature is the last."""
    encoded = [
        part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts.values()
    ]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in encoded)


GOOD = {"sub": "ada", "exp": 4_000_000_000}

HOSTILE: dict[str, Callable[[], str]] = {
    "no signature": lambda: pieces(a={"alg": "none"}, b=GOOD, c=b""),
    "no signature, in capitals": lambda: pieces(a={"alg": "None"}, b=GOOD, c=b""),
    "no algorithm": lambda: pieces(a={"typ": "JWT"}, b=GOOD, c=b"x"),
    "an algorithm that is a list": lambda: pieces(a={"alg": ["HS256"]}, b=GOOD, c=b"x"),
    "an algorithm that is null": lambda: pieces(a={"alg": None}, b=GOOD, c=b"x"),
    "a name that is a number": lambda: pieces(a={"alg": "RS256", "kid": 7}, b=GOOD, c=b"x"),
    "a name that is an object": lambda: pieces(a={"alg": "RS256", "kid": {}}, b=GOOD, c=b"x"),
    "a header that is a list": lambda: pieces(a=[], b=GOOD, c=b"x"),
    "a header as deep as it gets": lambda: pieces(a=b"[" * 5_000, b=GOOD, c=b"x"),
    "a header that is no JSON": lambda: pieces(a=b"\xff\xfe", b=GOOD, c=b"x"),
    "critical extensions": lambda: jwt.encode(
        GOOD, SECRET, algorithm="HS256", headers={"crit": ["mine"], "mine": 1}
    ),
    "detached": lambda: pieces(a={"alg": "HS256", "b64": False, "crit": ["b64"]}, b=b"", c=b"x"),
    "another secret": lambda: token(sub="ada", secret="x" * 40),
    "another strength": lambda: token(sub="ada", algorithm="HS512", secret=SECRET * 2),
    "the public key as the secret": lambda: signed_with_public_key(),  # noqa: PLW0108  # it stands below
    "a key of nobody's": lambda: signing_key("nobody's").token(sub="ada"),
    "a key of its own": lambda: signing_key("own").token(
        sub="ada", headers={"kid": "one", "jwk": signing_key("own").published(), "jku": "http://127.0.0.1:1/"}
    ),
    "cut off": lambda: token(sub="ada")[:-4],
    "changed": lambda: altered(token(sub="bob")),
    "two dots too many": lambda: token(sub="ada") + ".a.b",
    "no dots": lambda: "abc",
    "dots alone": lambda: "..",
    "huge": lambda: token(sub="ada", more="x" * 20_000),
    "huge and unsigned": lambda: pieces(a={"alg": "HS256"}, b={"sub": "x" * 5_000}, c=b"x"),
}  # fmt: skip


def signed_with_public_key() -> str:
    """HS256, with what everybody can read as the secret."""
    public = signing_key("one").private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = pieces(a={"alg": "HS256", "kid": "one"}, b=GOOD)
    signature = hmac.digest(pem, unsigned.encode(), "sha256")
    return f"{unsigned}.{pieces(c=signature)}"


def altered(good: str) -> str:
    header, _, signature = good.split(".")
    payload = base64.urlsafe_b64encode(json.dumps(GOOD).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize("how", ["secret", "issuer", "both"])
async def test_a_hostile_token_is_refused_whatever_is_configured(
    served: Served, how: str, facts: list[Fact]
) -> None:
    async with issuing(signing_key("one")) as issuer:
        secret = {} if how == "issuer" else {"jwt_secret": SECRET}
        url = {} if how == "secret" else {"jwt_jwks_url": issuer.url}
        async with served(**secret, **url) as client:
            for name, make in HOSTILE.items():
                assert await refusal(client, make()), name
            if how != "secret":
                assert await is_ada(client, signing_key("one").token(sub="ada"))
            assert issuer.asked <= 2
    assert not [fact for fact in facts if type(fact).__name__ == "Faulted"]


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "evil"}, "issuer"), ({"iss": None}, "iss"), ({"iss": ["us"]}, ""), ({"iss": 7}, ""),
        ({"aud": "them"}, "audience"), ({"aud": None}, "aud"), ({"aud": ["them"]}, "audience"), ({"aud": 7}, ""),
        ({"exp": None}, "exp"), ({"exp": "soon"}, ""), ({"exp": 1e30}, ""), ({"exp": []}, ""), ({"exp": 0}, "expired"),
        ({"nbf": 4_000_000_000}, "not valid yet"), ({"nbf": "x"}, ""), ({"iat": 4_000_000_000}, "not valid yet"),
        ({"sub": None}, "sub"), ({"sub": ""}, "1 to 255"), ({"sub": "x" * 256}, "1 to 255"), ({"sub": 7}, "sub"),
        ({"sub": ["ada"]}, "sub"), ({"sub": "a\x00b"}, "U+0000"), ({"sub": "\ud800"}, "Unicode"),
    ],
)  # fmt: skip
async def test_a_token_that_does_not_promise_what_it_must_is_refused(
    served: Served, claims: dict[str, Any], words: str, facts: list[Fact]
) -> None:
    whole = {"sub": "ada", "iss": "us", "aud": "contextql", **claims}
    made = jwt_of({"exp": int(time()) + 60, **whole})
    async with served(jwt_secret=SECRET, jwt_issuer="us", jwt_audience="contextql") as client:
        assert words in await refusal(client, made)
        assert await is_ada(client, token(sub="ada", iss="us", aud=["other", "contextql"]))
    assert not [fact for fact in facts if type(fact).__name__ == "Faulted"]


def jwt_of(claims: dict[str, Any]) -> str:
    """Signed as it must be, whatever it says."""
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.PyJWS().encode(json.dumps(given).encode(), SECRET, algorithm="HS256")


async def test_a_token_for_an_audience_needs_a_server_that_has_one(served: Served) -> None:
    async with served(jwt_secret=SECRET) as client:
        assert "audience" in await refusal(client, token(sub="ada", aud="another service"))


async def test_clocks_may_differ_by_the_leeway(served: Served) -> None:
    now = int(time())
    async with served(jwt_secret=SECRET, jwt_leeway=30) as client:
        assert await is_ada(client, token(sub="ada", exp=now - 10))
        assert "expired" in await refusal(client, token(sub="ada", exp=now - 40))
        assert await is_ada(client, token(sub="ada", nbf=now + 20))
        assert "not valid yet" in await refusal(client, token(sub="ada", nbf=now + 60))


@pytest.mark.parametrize(
    ("setting", "claims", "granted"),
    [
        ("role=service", {"role": "service"}, True),
        ("role=service", {"role": "service", "sub": "backend"}, True),
        ("role=service", {"role": ["reader", "service"]}, True),
        ("scope=contextql:service", {"scope": "openid contextql:service email"}, True),
        ("https://us.example/role=a=b", {"https://us.example/role": "a=b"}, True),
        ("trusted=true", {"trusted": True}, True),
        ("role=service", {"role": "services", "sub": "ada"}, False),
        ("role=service", {"role": ["services"], "sub": "ada"}, False),
        ("role=service", {"role": {"service": True}, "sub": "ada"}, False),
        ("role=1", {"role": 1, "sub": "ada"}, False),
        ("role=service", {"sub": "ada"}, False),
        (None, {"role": "service", "sub": "ada"}, False),
    ],
)
async def test_a_claim_makes_a_service_only_where_the_setting_says_so(
    served: Served, setting: str | None, claims: dict[str, Any], granted: bool
) -> None:
    async with served(jwt_secret=SECRET, jwt_service_claim=setting) as client:
        made = token(**claims)
        assert await is_service(client, made) is granted
        assert granted or await is_ada(client, made)


async def test_a_new_key_is_fetched_when_it_is_met_and_a_withdrawn_one_is_forgotten(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_issuer, "PAUSE_SECONDS", 0)
    old, new = signing_key("one"), signing_key("two", "ES256")
    async with issuing(old) as issuer, served(jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, old.token(sub="ada"))
        issuer.keys = [old, new]
        assert await is_ada(client, new.token(sub="ada"))
        assert await is_ada(client, old.token(sub="ada"))
        assert issuer.asked == 2
        issuer.keys = [new]
        await refusal(client, signing_key("nobody's").token(sub="ada"))
        assert "does not publish" in await refusal(client, old.token(sub="ada"))
        assert await is_ada(client, new.token(sub="ada"))


@pytest.mark.whole_pool
async def test_any_number_of_unknown_names_make_one_fetch(served: Served) -> None:
    key = signing_key("one")
    async with issuing(key) as issuer, served(jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, key.token(sub="ada"))
        floods = (
            refusal(client, key.token(sub="ada", headers={"kid": f"unknown {number}"}))
            for number in range(50)
        )
        await asyncio.gather(*floods)
        assert issuer.asked <= 2


async def test_an_issuer_that_is_slow_holds_up_nobody_else(served: Served) -> None:
    key = signing_key("one")
    async with issuing(key) as issuer:
        issuer.goes_on.clear()
        async with served(jwt_secret=SECRET, jwt_jwks_url=issuer.url) as client:
            waiting = [asyncio.create_task(ask(client, key.token(sub="ada"))) for _ in range(5)]
            assert await is_ada(client, token(sub="ada"))
            assert not any(one.done() for one in waiting)
            issuer.goes_on.set()
            assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
            assert issuer.asked == 1


async def test_while_the_issuer_is_away_known_keys_go_on_and_unknown_ones_are_503(
    served: Served, facts: list[Fact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_issuer, "PAUSE_SECONDS", 0)
    known, unknown = signing_key("one"), signing_key("two", "ES256")
    async with issuing(known) as issuer, served(jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, known.token(sub="ada"))
        issuer.is_up = False
        for _ in range(3):
            answer = await ask(client, unknown.token(sub="ada"))
            assert answer.status_code == 503
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert await is_ada(client, known.token(sub="ada"))
        async with socket(client, begun=False) as one:
            await send(one, type="connection_init", payload=bearing(unknown.token(sub="ada")))
            assert await closed_with(one) == 1013
        issuer.is_up, issuer.keys = True, [known, unknown]
        assert await is_ada(client, unknown.token(sub="ada"))
    lost = [fact for fact in facts if isinstance(fact, IssuerLost)]
    assert len(lost) == 1
    assert "500" in lost[0].reason


async def test_what_is_published_and_is_no_key_for_tokens_is_left_out(served: Served) -> None:
    key, enciphering = signing_key("one"), signing_key("two")
    secret = base64.urlsafe_b64encode(SECRET.encode()).rstrip(b"=").decode()
    async with issuing(key) as issuer:
        issuer.more = [
            {"kty": "oct", "k": secret, "kid": "shared", "alg": "HS256"},
            {**enciphering.published(), "use": "enc"},
            {"kty": "what"},
            7,
        ]
        async with served(jwt_jwks_url=issuer.url) as client:
            assert await is_ada(client, key.token(sub="ada"))
            await refusal(client, enciphering.token(sub="ada"))
            shared = jwt.encode(GOOD, SECRET, algorithm="HS256", headers={"kid": "shared"})
            await refusal(client, shared)


async def test_a_token_over_a_socket_is_of_its_user_and_closes_it_when_it_ends(
    served: Served,
) -> None:
    models = {"scripted": Scripted(["Che", asyncio.Event()])}
    async with served(models, model="scripted", jwt_secret=SECRET, jwt_leeway=1) as client:
        id = await begun_at(url_of(client))
        ends = int(time()) + 3
        short = token(sub="ada", exp=ends)
        asked = {"query": EVENTS, "variables": {"id": id}}
        headers = {"Accept": "text/event-stream", **bearing(short)}
        following = asyncio.create_task(client.post("/graphql", json=asked, headers=headers))
        async with socket(client, init=bearing(short)) as one:
            await subscribe(one, "{ users { totalCount } }", "2")
            (error,) = (await received(one))["payload"]["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN"
            await follow(one, id)
            async with asyncio.timeout(10):
                await one.wait_closed()
            assert one.close_code == 4403
            assert ends + 1 <= time() < ends + 4
        told = frames((await following).text)
        assert {kind for kind, _, _ in told} == {"next"}
        async with socket(client, begun=False) as one:
            await send(one, type="connection_init", payload=bearing(short))
            assert await closed_with(one) == 4403


async def test_a_token_that_names_no_key_is_taken_where_there_is_only_one(served: Served) -> None:
    key = signing_key("one")
    nameless = jwt.encode({**GOOD}, key.private, algorithm="RS256")
    async with issuing(key) as issuer, served(jwt_jwks_url=issuer.url) as client:
        assert await is_ada(client, nameless)
    async with (
        issuing(key, signing_key("two", "ES256")) as issuer,
        served(jwt_jwks_url=issuer.url) as client,
    ):
        await until(lambda: issuer.asked == 1)
        await refusal(client, nameless)
