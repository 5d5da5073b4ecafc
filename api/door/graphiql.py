"""GraphiQL's page. On this machine it holds the server's own key, in its headers editor: a newcomer types nothing."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

_BEGINNING = "const defaultHeaders = {};"
_EDITOR = "React.useState(parameters.headers)"
_PERSISTING = "shouldPersistHeaders: true,"

_OF_ELSEWHERE = ("origin", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def page(html: str) -> bytes:
    """Strawberry's page, which keeps the headers that are typed into it only if the person says so."""
    return _replaced(html, {_PERSISTING: ""}).encode()


def carrying(html: str, key: str) -> bytes:
    """The same with the key; GraphiQL sends its headers with requests and in `connection_init` alike."""
    headers = orjson.dumps({"Authorization": f"Bearer {key}"}).decode()
    given = f"const ownHeaders = JSON.stringify({headers}, null, 2);"
    changed = {
        _BEGINNING: f"{_BEGINNING}\n      {given}",
        _EDITOR: "React.useState(ownHeaders)",
        # For the tabs that are opened later.
        _PERSISTING: "defaultHeaders: ownHeaders,",
    }
    return _replaced(html, changed).encode()


def is_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether it is not a person on this machine who looks: then the page that holds a key is not for them.

    It came through a proxy from another machine, or is read by a page of another origin, though that one may ask.
    """
    return any(name in headers for name in _OF_ELSEWHERE)


def _replaced(html: str, changed: Mapping[str, str]) -> str:
    for place, text in changed.items():
        assert html.count(place) == 1, place  # noqa: S101  # Strawberry's page is another one than this was made for
        html = html.replace(place, text)
    return html
