"""What a browser is given: the console, GraphiQL, and the files that both are made of. `make web` builds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.door.page import CONSOLE, EXPLORER, NOTHING, Page, Policy

BUILT = Path(__file__).parents[2] / "web" / "dist"

UNBUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ContextQL</title>
<h1>This page is not built yet</h1>
<p>GraphQL is served all the same, at <code>/graphql</code>.
The page is built by <code>make web</code>; then start the server again.</p>
</html>
"""

_OF_ELSEWHERE = ("origin", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class Pages:
    """Both pages, as they were built when the server started. On this machine they hold the server's own key."""

    def __init__(self, built: Path, own_key: str | None) -> None:
        self.has_key = bool(own_key)
        self._console = _both(built / "index.html", CONSOLE, own_key)
        self._explorer = _both(built / "explorer.html", EXPLORER, own_key)

    def console(self, headers: Mapping[str, str]) -> Response:
        """The console, for who asks with these headers."""
        return _for(headers, *self._console)

    def explorer(self, headers: Mapping[str, str]) -> Response:
        """GraphiQL, for who asks with these headers."""
        return _for(headers, *self._explorer)


def _both(file: Path, policy: Policy, own_key: str | None) -> tuple[Page, Page]:
    """The page for anybody, and the one for who sits at this machine."""
    page = Page(file.read_text(), policy) if file.exists() else Page(UNBUILT, NOTHING, 503)
    return page, page.carrying(own_key) if own_key else page


def _for(headers: Mapping[str, str], page: Page, own: Page) -> Response:
    return (page if is_from_elsewhere(headers) else own).response()


def is_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether it is not a person on this machine who looks: then the page that holds a key is not for them.

    It came through a proxy from another machine, or is read by a page of another origin, though that one may ask.
    """
    return any(name in headers for name in _OF_ELSEWHERE)


class Assets(StaticFiles):
    """The files of the pages. Each has a name of its own for what is in it, and is given compressed as it was built."""

    def __init__(self, built: Path) -> None:
        super().__init__(directory=built / "assets")
        self._files = frozenset(file.name for file in (built / "assets").iterdir())

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, compressed if the browser takes it so. Raises `HTTPException` where there is none."""
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for encoding, ending in _ENCODINGS:
            if encoding in accepted and path + ending in self._files:
                response = await super().get_response(path + ending, scope)
                response.headers["Content-Encoding"] = encoding
                return _kept(response)
        return _kept(await super().get_response(path, scope))


def _kept(response: Response) -> Response:
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
