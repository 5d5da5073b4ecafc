"""A page as browsers are given it, and what it may load: the files of its own server, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse, Response

Policy = Mapping[str, str]

CONSOLE: Policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

EXPLORER: Policy = {
    **CONSOLE,
    # GraphiQL's editor, Monaco, writes style elements and attributes into the page as it is used,
    # has its icons from a font, and reads what is typed in the background.
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self'",
    "worker-src": "'self'",
}

NOTHING: Policy = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}

_NO_KEY = '<meta name="contextql-key" content="" />'


def carrying(html: str, key: str) -> str:
    """The page with this key, with which its reader asks without having typed anything."""
    return html.replace(_NO_KEY, _NO_KEY.replace('content=""', f'content="{escape(key)}"'))


def page(html: str, policy: Policy, status: int = 200) -> Response:
    """The page with what it may load."""
    said = "; ".join(f"{directive} {sources}" for directive, sources in policy.items())
    return HTMLResponse(html, status, headers={"Content-Security-Policy": said})
