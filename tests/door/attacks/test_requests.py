"""Requests that are none, or come from where they should not."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from urllib.parse import urlsplit

import httpx

from api.observe import Fact
from tests.credential import AUTHORIZATION
from tests.door.attacks.judging import SOON, Asked, faults, sent, wrong_with, wrongs
from tests.door.conftest import Served

AS_JSON = {"Content-Type": "application/json"}
MUTATION = 'mutation { upsertUser(input: { externalId: "mallory" }) { user { id } } }'
WITH_VARIABLES = (
    b'{"query": "query($v: Int) { users(first: $v) { totalCount } }", "variables": {"v": %s}}'
)


def body(content: bytes, **headers: str) -> Asked:
    return {"content": content, "headers": {**AS_JSON, **headers}}


BODIES = {
    "null": body(b"null"),
    "a number": body(b"7"),
    "a string": body(b'"x"'),
    "true": body(b"true"),
    "nothing": body(b""),
    "spaces": body(b" " * 1_000_000),
    "zeros": body(b"\x00" * 1_000_000),
    "an empty list": body(b"[]"),
    "a batch": body(b'[{"query": "{ __typename }"}]'),
    "a batch of ten thousand": body(b"[" + b",".join([b'{"query": "{ __typename }"}'] * 10_000) + b"]"),
    "a list as deep as it gets": body(b"[" * 100_000),
    "a closed list as deep as it gets": body(b"[" * 100_000 + b"]" * 100_000),
    "an object as deep as it gets": body(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "variables as deep as it gets": body(WITH_VARIABLES % (b"[" * 100_000 + b"]" * 100_000)),
    "variables five hundred deep": body(WITH_VARIABLES % (b"[" * 500 + b"]" * 500)),
    "not UTF-8": body(b'{"query": "\xff\xfe"}'),
    "UTF-16": body('{"query": "{ __typename }"}'.encode("utf-16")),
    "UTF-8 that is longer than it need be": body(b'{"query": "\xc0\xaf{ __typename }"}'),
    "half a character": body(b'{"query": "\\ud800"}'),
    "half a character in a variable": body(WITH_VARIABLES % b'"\\udfff"'),
    "a mark of byte order": body(b'\xef\xbb\xbf{"query": "{ __typename }"}'),
    "NaN": body(WITH_VARIABLES % b"NaN"),
    "infinity": body(WITH_VARIABLES % b"Infinity"),
    "a fraction beyond all": body(WITH_VARIABLES % b"1e400"),
    "ten thousand digits": body(WITH_VARIABLES % (b"9" * 10_000)),
    "ten thousand decimals": body(WITH_VARIABLES % (b"0.3" + b"9" * 10_000)),
    "a million digits": body(WITH_VARIABLES % (b"9" * 1_000_000)),
    "a comment": body(b'{"query": "{ __typename }"} // mine'),
    "two requests in a row": body(b'{"query": "{ __typename }"}{"query": "{ __typename }"}'),
    "no query": body(b'{"queries": "{ __typename }"}'),
    "a query that is a list": body(b'{"query": ["{ __typename }"]}'),
    "the later of two queries is none": body(b'{"query": "{ __typename }", "query": 7}'),
    "variables that are a list": body(b'{"query": "{ __typename }", "variables": []}'),
    "variables that are text": body(b'{"query": "{ __typename }", "variables": "{}"}'),
    "a name that is an object": body(b'{"query": "{ __typename }", "operationName": {}}'),
    "a name without end": body(b'{"query": "{ __typename }", "operationName": "%s"}' % (b"x" * 1_000_000)),
    "a name with U+0000": body(b'{"query": "{ __typename }", "operationName": "\\u0000"}'),
    "extensions that are text": body(b'{"query": "{ __typename }", "extensions": "x"}'),
    "gzip": body(gzip.compress(b'{"query": "{ __typename }"}'), **{"Content-Encoding": "gzip"}),
    "a gzip bomb": body(gzip.compress(b" " * 10_000_000), **{"Content-Encoding": "gzip"}),
    "deflate": body(zlib.compress(b"{}"), **{"Content-Encoding": "deflate"}),
    "an encoding of nobody's": body(b"{}", **{"Content-Encoding": "mine"}),
    "gzip that says it is none": body(gzip.compress(b'{"query": "{ __typename }"}')),
    "more than is taken": body(b" " * 5_000_000),
}  # fmt: skip

NAMED = {
    "a name that is none": body(b'{"extensions": {"persistedQuery": 7}}'),
    "a name of another version": body(b'{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a"}}}'),
    "a name without a version": body(b'{"extensions": {"persistedQuery": {"sha256Hash": "a"}}}'),
    "a hash that is a list": body(b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": []}}}'),
    "a hash with U+0000": body(b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "\\u0000"}}}'),
    "a hash that is a path": body(b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "../../etc"}}}'),
    "a hash without end": body(
        b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "%s"}}}' % (b"a" * 1_000_000)
    ),
    "the hash of another query": body(
        b'{"query": "{ __typename }", "documentId": "sha256:%s"}' % (b"0" * 64)
    ),
    "an id that is a number": body(b'{"documentId": 7}'),
    "an id of nothing": body(b'{"documentId": ""}'),
    "an id of the language": body(b'{"documentId": "__proto__"}'),
    "an id without end": body(b'{"documentId": "%s"}' % (b"a" * 1_000_000)),
    "two names": body(b'{"documentId": "a", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "b"}}}'),
}  # fmt: skip

FORMS: dict[str, Asked] = {
    "a form": {"data": {"query": MUTATION}},
    "a form that is text": {"content": f'{{"query": "{MUTATION}"}}', "headers": {"Content-Type": "text/plain"}},
    "a form with a file": {"files": {"operations": b'{"query": "{ __typename }"}', "map": b"{}"}},
    "a form without a type": {"content": b'{"query": "{ __typename }"}'},
    "JSON in a parameter of the type": {
        "content": b'{"query": "{ __typename }"}',
        "headers": {"Content-Type": "text/plain; application/json"},
    },
    "a type that begins with ours": {"content": b"{}", "headers": {"Content-Type": "application/jsonx"}},
    "a mutation by GET": {"method": "GET", "params": {"query": MUTATION}},
    "a mutation by GET among others": {
        "method": "GET",
        "params": {"query": f"query Q {{ __typename }} {MUTATION.replace('{', 'M {', 1)}", "operationName": "M"},
    },
    "a mutation by PUT": {"method": "PUT", "json": {"query": MUTATION}},
    "another method": {"method": "TRACE", "json": {"query": MUTATION}},
}  # fmt: skip

LINES: dict[str, Asked] = {
    "a query that is no text": {"method": "GET", "url": "/graphql?query=%ff%fe"},
    "a query with U+0000": {"method": "GET", "url": "/graphql?query=%00"},
    "half a character": {"method": "GET", "url": "/graphql?query=%ed%a0%80"},
    "a query that is a list": {"method": "GET", "url": "/graphql?query[]={__typename}"},
    "variables that are none": {"method": "GET", "url": "/graphql?query={__typename}&variables=7"},
    "deep variables": {"method": "GET", "url": "/graphql?query={__typename}&variables=" + "[" * 5000},
    "extensions that are none": {"method": "GET", "url": "/graphql?query={__typename}&extensions=[]"},
    "an event that is none": {
        "json": {"query": "subscription { responseEvents(id: \"a\") { __typename } }"},
        "headers": {"Accept": "text/event-stream", "Last-Event-ID": "-1"},
    },
    "another path": {"url": "/graphql/../../etc/passwd", "json": {}},
    "a path of dots": {"method": "GET", "url": "/%2e%2e/%2e%2e/etc/passwd"},
    "what cannot be given": {"json": {"query": "{ __typename }"}, "headers": {"Accept": "a" * 10_000}},
}  # fmt: skip


async def test_a_body_that_is_no_request_is_refused(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    assert await wrongs(client, facts, BODIES) == {}


async def test_a_name_of_no_document_is_refused(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    assert await wrongs(client, facts, NAMED) == {}


async def test_what_a_page_elsewhere_can_send_without_asking_is_refused(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    assert await wrongs(client, facts, FORMS) == {}
    known = await sent(
        client, {"json": {"query": '{ user(by: { externalId: "mallory" }) { id } }'}}
    )
    assert known.json()["data"] == {"user": None}


async def test_a_line_or_a_header_that_is_none_is_refused(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    assert await wrongs(client, facts, LINES) == {}


CREDENTIALS = {
    "nothing": "",
    "no scheme": "cql_7e57ab1e00",
    "another scheme": "Basic YWRhOmFkYQ==",
    "a scheme and no more": "Bearer",
    "two": "Bearer a, Bearer b",
    "a key that is none": "Bearer cql_",
    "a key of nobody": "Bearer cql_7e57ab1e00_" + "0" * 48,
    "the prefix of a key, and SQL": "Bearer cql_7e57ab1e00_' or true --",
    "a key without end": "Bearer cql_" + "a" * 50_000,
    "letters that are none": "Bearer cql_\xff\xfe",
    "a token that is none": "Bearer a.b.c",
    "a token of dots": "Bearer " + "." * 10_000,
    "a token that is not signed": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.",
    "a token that is signed with itself": "Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uL2V0YyJ9.eyJzdWIiOiJhZGEifQ.AAAA",
    "a token of nested lists": "Bearer " + "WyBbIFsg" * 1_000 + "." + "WyBbIFsg" * 1_000 + ".AAAA",
}


async def test_a_credential_that_is_none_is_refused_and_not_repeated(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    for name, credential in CREDENTIALS.items():
        given = {b"Authorization": credential.encode("latin-1")}
        async with asyncio.timeout(SOON):
            response = await client.post(
                "/graphql", json={"query": "{ __typename }"}, headers=given
            )
        (error,) = response.json()["errors"]
        assert response.status_code in {400, 401, 431}, name
        assert error["extensions"]["code"] in {"UNAUTHENTICATED", "BAD_USER_INPUT"}, name
        assert not wrong_with(error), name
        assert len(credential) < 10 or credential.removeprefix("Bearer ") not in response.text, name
    assert not faults(facts)


STRANGE = {
    "an id of the request with a line of its own": {"X-Request-ID": "a\tb"},
    "an id of the request without end": {"X-Request-ID": "x" * 20_000},
    "letters that are none": {"X-Request-ID": "\xff\xfe", "Accept-Language": "\xff"},
    "a type with half a parameter": {"Content-Type": 'application/json; charset="utf-8'},
    "a type of commas": {"Content-Type": "application/json, application/json"},
    "a preference beyond all": {"Accept": "application/json;q=1e400, */*;q=NaN"},
    "a preference that is none": {"Accept": ";q=;;,,;q=x"},
    "ten thousand preferences": {"Accept": ", ".join(["a/b;q=0.1"] * 4_000)},
    "hops that are not ours": {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example", "Forwarded": "a=b"},
}  # fmt: skip


async def test_a_header_that_is_only_strange_does_no_harm(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    for name, headers in STRANGE.items():
        given = {k.encode(): v.encode("latin-1") for k, v in {**AS_JSON, **headers}.items()}
        asked = client.build_request(
            "POST", "/graphql", content=b'{"query": "{ __typename }"}', headers=given
        )
        async with asyncio.timeout(SOON):
            response = await client.send(asked)
        assert response.status_code in {200, 406, 415, 431}, name
        errors = response.json().get("errors", [])
        assert not [wrong for error in errors for wrong in wrong_with(error)], name
    assert not faults(facts)


HERE = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION}\r\n".encode()
RAW = {
    "a line without end": b"GET /graphql?query=%s %s\r\n" % (b"a" * 200_000, HERE),
    "a header without end": b"GET /graphql %sX-Mine: %s\r\n\r\n" % (HERE, b"a" * 200_000),
    "headers without end": b"GET /graphql %s%s\r\n" % (HERE, b"X-Mine: a\r\n" * 20_000),
    "U+0000 in a header": b"GET /graphql %sX-Mine: a\x00b\r\n\r\n" % HERE,
    "U+0000 in the line": b"GET /graphql\x00 %s\r\n" % HERE,
    "a method of nobody's": b"MINE /graphql %s\r\n" % HERE,
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
    "two lengths": b"POST /graphql %sContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" % HERE,
    "a length and chunks": b"POST /graphql %sContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"
    % HERE,
    "a length below nothing": b"POST /graphql %sContent-Length: -1\r\n\r\n{}" % HERE,
    "a chunk of nobody's size": b"POST /graphql %sTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"
    % HERE,
}


async def test_what_is_hardly_http_is_refused_or_cut_off(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    for name, raw in RAW.items():
        status = await status_of(client, raw)
        assert not status or status.split()[1].startswith(b"4"), (name, status)
    assert not faults(facts)
    answer = await sent(client, {"json": {"query": "{ __typename }"}})
    assert answer.status_code == 200


async def status_of(client: httpx.AsyncClient, raw: bytes) -> bytes:
    """The first line that comes back; nothing from a connection that is cut off."""
    address = urlsplit(str(client.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(raw)
        async with asyncio.timeout(SOON):
            return await reader.readline()
    except ConnectionResetError:
        return b""
    finally:
        writer.transport.abort()


async def test_a_body_that_says_it_is_small_and_is_not_is_refused(served: Served) -> None:
    async def endless() -> object:
        while True:
            yield b" " * 65_536

    async with served(max_body_bytes=65_536) as client:
        try:
            response = await sent(client, {"content": endless(), "headers": AS_JSON})
        except httpx.TransportError:
            return
        assert response.status_code == 413
