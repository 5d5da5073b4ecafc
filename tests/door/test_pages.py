"""The pages for browsers: whom they are for, what they may load, and when they hold a key."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.app import app_on
from api.models import MODELS
from api.settings import Settings
from db.pool import Access
from tests.credential import KEY
from tests.door.conftest import Served, url_of
from tests.door.small_pages import SAID, SCRIPT
from tests.serving import serving

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

CONSOLE = (
    "/",
    "/overview",
    "/users",
    "/users/VT3Fvh",
    "/users/VT3Fvh/contexts/Cabc",
    "/conversations/Nabc",
)
PAGES = ("/graphql", *CONSOLE)


async def looked_at(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    """The page as a browser gets it that nobody has told of a credential."""
    async with httpx.AsyncClient(base_url=url_of(client)) as browser:
        return await browser.get(path, headers={**BROWSER, **headers})


@pytest.mark.parametrize("path", PAGES)
async def test_a_browser_gets_a_page_that_loads_only_what_is_here(
    served: Served, path: str
) -> None:
    async with served() as client:
        page = await looked_at(client, path)
    assert page.status_code == 200
    assert ("<title>GraphiQL" in page.text) == (path == "/graphql")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    may = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert may["default-src"] == may["frame-ancestors"] == may["base-uri"] == "'none'"
    assert may["script-src"] == may["connect-src"] == "'self'"
    assert may["style-src"] == ("'self' 'unsafe-inline'" if path == "/graphql" else "'self'")
    only_graphiql = {"font-src": "'self'", "worker-src": "'self'"}
    assert {name: may.get(name) for name in only_graphiql} == (
        only_graphiql if path == "/graphql" else dict.fromkeys(only_graphiql)
    )
    assert not any("http" in sources or "*" in sources for sources in may.values())


async def test_each_page_can_be_turned_off(served: Served) -> None:
    async with served(graphiql=False, own_key=KEY) as client:
        page = await looked_at(client, "/graphql")
        assert page.status_code == 404
        assert KEY not in page.text
        assert (await looked_at(client, "/")).status_code == 200
    async with served(console=False, own_key=KEY) as client:
        assert (await looked_at(client, "/")).headers["Location"] == "/graphql"
        page = await looked_at(client, "/users")
        assert page.status_code == 404
        assert KEY not in page.text
        assert (await looked_at(client, "/graphql")).status_code == 200
    async with served(console=False, graphiql=False) as client:
        assert (await looked_at(client, f"/assets/{SCRIPT}")).status_code == 404


@pytest.mark.parametrize("path", PAGES)
async def test_the_pages_of_the_first_start_hold_the_key(served: Served, path: str) -> None:
    async with served(own_key=KEY) as client:
        page = await looked_at(client, path)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count(KEY) == 1
    assert f'<meta name="contextql-key" content="{KEY}" />' in page.text


async def test_with_credentials_of_ones_own_no_page_holds_any(served: Served) -> None:
    async with served() as client:
        for path in PAGES:
            assert "cql_" not in (await looked_at(client, path)).text


async def test_what_pages_are_made_of_is_kept_by_browsers_and_comes_compressed(
    served: Served,
) -> None:
    async with served() as client:
        for accepted, encoding in (("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)):
            headers = {"Accept-Encoding": accepted}
            async with client.stream("GET", f"/assets/{SCRIPT}", headers=headers) as file:
                raw = b"".join([part async for part in file.aiter_raw()])
            assert file.headers.get("Content-Encoding") == encoding
            assert file.headers["Content-Type"].startswith("text/javascript")
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert file.headers["Vary"] == "Accept-Encoding"
            assert int(file.headers["Content-Length"]) == len(raw)
            assert (raw == SAID) == (encoding is None)


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/..%2findex.html", "/assets/", "/assets/%00"]
)
async def test_only_the_files_of_the_pages_are_given(served: Served, path: str) -> None:
    async with served(own_key=KEY) as client:
        refused = await client.get(path)
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_pages_that_are_not_built_say_how_and_the_graph_is_served(
    reached: Access, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, shutdown_grace=0)
    app = app_on(
        settings,
        reached,
        models=MODELS,
        observe=lambda _: None,
        own_key=KEY,
        built=tmp_path / "none",
    )
    async with serving(app, settings) as url, httpx.AsyncClient(base_url=url) as browser:
        for path in ("/", "/graphql"):
            page = await browser.get(path, headers=BROWSER)
            assert page.status_code == 503
            assert "make web" in page.text
            assert KEY not in page.text
        answer = await browser.post(
            "/graphql",
            json={"query": "{ __typename }"},
            headers={"Authorization": f"Bearer {KEY}"},
        )
        assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("path", ["/graphql", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "203.0.113.9"},
        {"Via": "1.1 proxy"}, {"X-Forwarded-Host": "contextql.example"},
    ],
)  # fmt: skip
async def test_what_comes_through_a_proxy_gets_a_page_without_the_key(
    served: Served, headers: dict[str, str], path: str
) -> None:
    async with served(own_key=KEY) as client:
        page = await looked_at(client, path, **headers)
        assert page.status_code == 200
        assert KEY not in page.text


@pytest.mark.parametrize("path", ["/graphql", "/"])
@pytest.mark.parametrize("origin", ["https://app.example", "null"])
async def test_a_page_of_another_origin_reads_no_key_though_it_may_ask(
    served: Served, origin: str, path: str
) -> None:
    """Asking for HTML needs no leave, and with a list of origins an answer can be read."""
    async with served(own_key=KEY, cors_origins="*") as client:
        page = await looked_at(client, path, Origin=origin)
        assert page.headers["Access-Control-Allow-Origin"] == "*"
        assert KEY not in page.text


@pytest.mark.parametrize("path", ["/graphql", "/"])
async def test_where_a_page_holds_a_key_no_name_from_elsewhere_leads_to_it(
    served: Served, path: str
) -> None:
    asked = {"query": "{ __typename }"}
    async with served(own_key=KEY) as client:
        for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example"):
            page = await looked_at(client, path, Host=host)
            assert page.status_code == 400
            assert KEY not in page.text
            answer = await client.post("/graphql", json=asked, headers={"Host": host})
            assert answer.status_code == 400
        for host in ("localhost", "localhost:1", "127.0.0.1:8000", "[::1]", "[::1]:8000"):
            assert KEY in (await looked_at(client, path, Host=host)).text
            answer = await client.post("/graphql", json=asked, headers={"Host": host})
            assert answer.status_code == 200


async def test_without_a_key_in_its_page_the_server_has_any_name(served: Served) -> None:
    async with served() as client:
        headers = {"Host": "contextql.example"}
        answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        assert answer.status_code == 200
