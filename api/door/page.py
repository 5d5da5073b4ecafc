"""GraphiQL's page, and what it may load: what it names, and nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser

from starlette.responses import HTMLResponse, Response

_KINDS = {"script": ("script-src", "src"), "link": ("style-src", "href")}
"""Which directive of the policy a tag's address falls under, and the attribute that has it."""


class Page:
    """A page as it is given to browsers, with the policy that fits it."""

    def __init__(self, html: bytes) -> None:
        self._html = html
        self._policy = {"Content-Security-Policy": policy(html.decode())}

    def response(self) -> Response:
        return HTMLResponse(self._html, headers=self._policy)


def policy(html: str) -> str:
    """The Content-Security-Policy for exactly this page, which asks the server that it came from."""
    named = _Named()
    named.feed(html)
    allowed = {
        "default-src": ["'none'"],
        "script-src": named.sources["script-src"],
        # Editors place what they show by styles that they write themselves.
        "style-src": [*named.sources["style-src"], "'unsafe-inline'"],
        "font-src": ["data:"],
        "img-src": ["data:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items())


class _Named(HTMLParser):
    """The addresses that a page names, and the hashes of the scripts that stand in it."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: Mapping[str, list[str]] = {"script-src": [], "style-src": []}
        self._script: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self._script = ""
        directive, attribute = _KINDS.get(tag, ("", ""))
        address = dict(attrs).get(attribute) or ""
        if address.startswith("https://"):
            self.sources[directive].append(address)

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            hashed = b64encode(sha256(self._script.encode()).digest()).decode()
            self.sources["script-src"].append(f"'sha256-{hashed}'")
            self._script = None
