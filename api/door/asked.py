"""Reading what a client asks over HTTP: the body within its bounds, then the four things a request may say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.types import Message, Receive

from api.door.accept import JSON
from api.door.begun import Begun
from api.door.document_id import document_id
from api.door.refused import Refused
from api.door.request import Request
from api.errors import BadUserInput, Timeout
from api.settings import Settings

ALLOW = {"Allow": "GET, HEAD, POST, OPTIONS"}
"""The methods that there are at the door."""

READS = frozenset({"GET", "HEAD"})
"""Those that ask by the URL alone."""

READ_BEYOND = 4
"""How many times the largest body is read before a larger one is cut off."""


class Asked(NamedTuple):
    """One GraphQL request, well formed."""

    query: str
    """Empty when the document is only named."""
    operation_name: str | None
    variables: dict[str, Any] | None
    document_id: str | None = None


def arrived(request: Request, settings: Settings) -> Asked | None:
    """The request that is in the body of a POST, if all of it is there already. Raises `Refused`."""
    if request.method != "POST":
        return None
    _require_json(request)
    body = request.arrived()
    if body is None:
        return None
    if len(body) > settings.max_body_bytes:
        raise _too_large(settings.max_body_bytes)
    return _well_formed(_json(body, "The body"))


async def read(request: Request, settings: Settings) -> Asked:
    """The request that is in the body of a POST or the URL of a GET. Raises `Refused`."""
    if request.method in READS:
        return _well_formed(_from_url(request.parameters))
    if request.method != "POST":
        raise Refused(405, BadUserInput("GraphQL is asked with GET or POST."), ALLOW)
    _require_json(request)
    body = await _body(request.receive, settings)
    return _well_formed(_json(body, "The body"))


def _require_json(request: Request) -> None:
    fields = request.fields
    if fields.get(b"content-type") != _JSON:
        _require_json_in_utf8(request.field(b"content-type") or "")
    if fields.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refused(415, BadUserInput("Send the request without a Content-Encoding."))


_JSON = JSON.encode()


def _require_json_in_utf8(content_type: str) -> None:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind != JSON:
        raise Refused(415, BadUserInput(f"Send the request with Content-Type: {JSON}."))
    if any(p.startswith("charset=") and p != "charset=utf-8" for p in parameters):
        raise Refused(415, BadUserInput("Send the request in UTF-8."))


async def _body(receive: Receive, settings: Settings) -> bytes:
    """All of it; if it is there already, in one piece, no time is kept."""
    first, most = Begun(_received(receive)), settings.max_body_bytes
    if not first.waits and not first.done.get("more_body"):
        body: bytes = first.done.get("body", b"")
        if len(body) <= most:
            return body
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await _capped(await first, receive, most)
    except TimeoutError as error:
        raise Refused(408, Timeout("The body of the request took too long to arrive.")) from error


async def _received(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Refused(400, BadUserInput("The body of the request is not complete."))
    return message


async def _capped(message: Message, receive: Receive, most: int) -> bytes:
    """The body that begins with this message."""
    body = bytearray()
    size = 0
    while True:
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= most:
            body += chunk
        # A little too much is read to its end, unkept, so that the client is there to hear the refusal.
        if not message.get("more_body") or size > most * READ_BEYOND:
            break
        message = await _received(receive)
    if size > most:
        raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Refused:
    too_large = BadUserInput(f"The body is larger than {most} bytes; send less at a time.")
    return Refused(413, too_large, {"Connection": "close"})


def _from_url(parameters: Mapping[str, str]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        name: parameters.get(name) or None for name in ("query", "operationName", "documentId")
    }
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            asked[name] = _json(text.encode("utf-8", "surrogatepass"), f"The parameter {name}")
    return asked


def _json(text: bytes | bytearray, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, BadUserInput(f"{what} is not valid JSON in UTF-8.")) from error


def _well_formed(asked: Any) -> Asked:
    if not isinstance(asked, dict):
        raise Refused(400, BadUserInput("A request is one JSON object; batches are not taken."))
    if asked.get("extensions") is not None:
        _require(asked["extensions"], dict, "extensions", "an object")
    query = asked.get("query")
    id = None if _NAMING.isdisjoint(asked) else _document_id(asked)
    if not (isinstance(query, str) and query) and not (query is None and id):
        raise Refused(400, BadUserInput("`query` must be a string that holds a GraphQL document."))
    name, variables = asked.get("operationName"), asked.get("variables")
    if name is not None:
        _require(name, str, "operationName", "a string")
    if variables is not None:
        _require(variables, dict, "variables", "an object")
    return Asked(query or "", name or None, variables, id)


_NAMING = {"documentId", "extensions"}
"""Where a document may be named."""


def _document_id(asked: dict[str, Any]) -> str | None:
    try:
        return document_id(asked)
    except BadUserInput as error:
        raise Refused(400, error) from error


def _require(value: Any, kind: type, name: str, called: str) -> None:
    if not isinstance(value, kind):
        raise Refused(400, BadUserInput(f"`{name}` must be {called}, or null."))
