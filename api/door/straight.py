"""The application of all paths, with a straight way to the one that most requests are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send


class Straight(Starlette):
    """Starlette, which asks neither its router nor its middlewares for who is `direct`: a path, and its application.

    What is there answers every request, also one that fails, and says itself what stands in every head. `layers` are
    the middlewares that it needs around it all the same.
    """

    def __init__(
        self, direct: tuple[str, ASGIApp], layers: Sequence[Middleware], **given: Any
    ) -> None:
        super().__init__(**given)
        self._path, self._direct = direct
        for layer, args, named in reversed(layers):
            self._direct = layer(self._direct, *args, **named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_direct = scope["type"] == "http" and scope["path"] == self._path
        # Below another path the router knows what is left of it.
        if is_direct and not scope.get("root_path"):
            await self._direct(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
