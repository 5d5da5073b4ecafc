"""What stands in the head of every answer, so that a browser does nothing with it that was not meant."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.head import Field, Head
from api.settings import Settings

_ALWAYS = {
    "Cache-Control": "no-store",
    # An answer is data: nothing in it is run, loaded or framed.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}


def on_every_answer(scheme: str) -> Mapping[str, str]:
    """The header fields of an answer that came over `http` or `https`."""
    return {**_ALWAYS, **_OVER_TLS} if scheme == "https" else _ALWAYS


_FIELDS = {
    scheme: [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    for scheme, fields in (("http", on_every_answer("http")), ("https", on_every_answer("https")))
}


def of_every_answer(scheme: str) -> list[Field]:
    """The same as they are sent."""
    return _FIELDS["https" if scheme == "https" else "http"]


def secure(fields: list[Field], scope: Scope) -> None:
    """Add them to a head that does not have its own."""
    own = {name for name, _ in fields}
    fields += [one for one in of_every_answer(scope.get("scheme", "http")) if one[0] not in own]


class Secured:
    """The application, with these fields on every answer that does not have its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start" and type(message["headers"]) is not Head:
                message["headers"] = [*message["headers"]]
                secure(message["headers"], scope)
            await send(message)

        await self._app(scope, receive, send_secured)


def cross_origin(settings: Settings) -> list[Middleware]:
    """What lets pages of the listed origins ask, if there are any.

    Any header may be sent: the one that matters is `Authorization`, and a page that has a credential may show it.
    """
    if not settings.cors_origins:
        return []
    told = ["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["*"],
            expose_headers=told,
        )
    ]
