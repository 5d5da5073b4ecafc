"""What a browser is given: the console, GraphiQL, and the files that both are made of. `make web` builds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.door.page import CONSOLE, EXPLORER, NOTHING, Policy, carrying, page

BUILT = Path(__file__).parents[2] / "web" / "dist"

UNBUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ContextQL</title>
<h1>This page is not built yet</h1>
<p>GraphQL is served all the same, at <code>/graphql</code>.
The page is built by <code>make web</code>.</p>
</html>
"""

_OF_ELSEWHERE = ("origin", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class Pages:
    """Both pages, as they are built just now. On this machine they hold the server's own key."""

    def __init__(self, built: Path, own_key: str | None) -> None:
        self.has_key = bool(own_key)
        self._built = built
        self._own_key = own_key

    def console(self, headers: Mapping[str, str]) -> Response:
        """The console, for who asks with these headers."""
        return self._shown("index.html", CONSOLE, headers)

    def explorer(self, headers: Mapping[str, str]) -> Response:
        """GraphiQL, for who asks with these headers."""
        return self._shown("explorer.html", EXPLORER, headers)

    def _shown(self, name: str, policy: Policy, headers: Mapping[str, str]) -> Response:
        try:
            html = (self._built / name).read_text()
        except FileNotFoundError:
            return page(UNBUILT, NOTHING, 503)
        if self._own_key and not is_from_elsewhere(headers):
            html = carrying(html, self._own_key)
        return page(html, policy)


def is_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether it is not a person on this machine who looks: then the page that holds a key is not for them.

    It came through a proxy from another machine, or is read by a page of another origin, though that one may ask.
    """
    return any(name in headers for name in _OF_ELSEWHERE)


class Assets(StaticFiles):
    """The files of the pages. Each has a name of its own for what is in it, and is given compressed as it was built."""

    def __init__(self, built: Path) -> None:
        super().__init__(directory=built / "assets", check_dir=False)
        self._folder = built / "assets"

    async def check_config(self) -> None:
        """Nothing: the files may come while the server runs."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, compressed if the browser takes it so. Raises `HTTPException` where there is none."""
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for encoding, ending in _ENCODINGS:
            if encoding in accepted and (self._folder / f"{path}{ending}").is_file():
                response = await super().get_response(path + ending, scope)
                response.headers["Content-Encoding"] = encoding
                return _kept(response)
        return _kept(await super().get_response(path, scope))


def _kept(response: Response) -> Response:
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
