"""GraphiQL's page: whom it is for, and when it holds a key."""

from __future__ import annotations

import httpx
import pytest

from tests.credential import KEY
from tests.door.conftest import Served, url_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def looked_at(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """The page as a browser gets it that nobody has told of a credential."""
    async with httpx.AsyncClient(base_url=url_of(client)) as browser:
        return await browser.get("/graphql", headers={**BROWSER, **headers})


async def test_a_browser_gets_graphiql_unless_it_is_turned_off(served: Served) -> None:
    async with served() as client:
        page = await looked_at(client)
        assert page.status_code == 200
        assert "graphiql" in page.text.lower()
        assert page.headers["Cache-Control"] == "no-store"
        assert (await client.get("/")).headers["Location"] == "/graphql"
    async with served(graphiql=False, own_key=KEY) as client:
        page = await looked_at(client)
        assert page.status_code == 404
        assert KEY not in page.text


async def test_the_page_of_the_first_start_holds_the_key_and_keeps_it_nowhere(
    served: Served,
) -> None:
    async with served(own_key=KEY) as client:
        page = await looked_at(client)
        assert page.headers["Cache-Control"] == "no-store"
        assert page.text.count(KEY) == 1
        assert f'JSON.stringify({{"Authorization":"Bearer {KEY}"}}, null, 2)' in page.text
        # Both the editor that is open and those of tabs opened later.
        assert "React.useState(ownHeaders)" in page.text
        assert "defaultHeaders: ownHeaders" in page.text
        assert "shouldPersistHeaders" not in page.text


async def test_with_credentials_of_ones_own_the_page_holds_none(served: Served) -> None:
    async with served() as client:
        page = await looked_at(client)
        assert "cql_" not in page.text
        assert "shouldPersistHeaders" not in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "203.0.113.9"},
        {"Via": "1.1 proxy"}, {"X-Forwarded-Host": "contextql.example"},
    ],
)  # fmt: skip
async def test_what_comes_through_a_proxy_gets_a_page_without_the_key(
    served: Served, headers: dict[str, str]
) -> None:
    async with served(own_key=KEY) as client:
        page = await looked_at(client, **headers)
        assert page.status_code == 200
        assert KEY not in page.text


@pytest.mark.parametrize("origin", ["https://app.example", "null"])
async def test_a_page_of_another_origin_reads_no_key_though_it_may_ask(
    served: Served, origin: str
) -> None:
    """Asking for HTML needs no leave, and with a list of origins an answer can be read."""
    async with served(own_key=KEY, cors_origins="*") as client:
        page = await looked_at(client, Origin=origin)
        assert page.headers["Access-Control-Allow-Origin"] == "*"
        assert KEY not in page.text


async def test_where_a_page_holds_a_key_no_name_from_elsewhere_leads_to_it(served: Served) -> None:
    asked = {"query": "{ __typename }"}
    async with served(own_key=KEY) as client:
        for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example"):
            page = await looked_at(client, Host=host)
            assert page.status_code == 400
            assert KEY not in page.text
            answer = await client.post("/graphql", json=asked, headers={"Host": host})
            assert answer.status_code == 400
        for host in ("localhost", "localhost:1", "127.0.0.1:8000", "[::1]", "[::1]:8000"):
            assert KEY in (await looked_at(client, Host=host)).text
            answer = await client.post("/graphql", json=asked, headers={"Host": host})
            assert answer.status_code == 200


async def test_without_a_key_in_its_page_the_server_has_any_name(served: Served) -> None:
    async with served() as client:
        headers = {"Host": "contextql.example"}
        answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        assert answer.status_code == 200
