"""The application of all paths, with a straight way to the one that most requests are for."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send


class Straight(Starlette):
    """Starlette, which asks neither its router nor its middlewares for who is `direct`: a path, and its application.

    What is there answers every request, also one that fails.
    """

    def __init__(self, direct: tuple[str, ASGIApp], **given: Any) -> None:
        super().__init__(**given)
        self._path, self._direct = direct
        for layer, args, named in reversed(self.user_middleware):
            self._direct = layer(self._direct, *args, **named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_direct = scope["type"] == "http" and scope["path"] == self._path
        # Below another path the router knows what is left of it.
        if is_direct and not scope.get("root_path"):
            await self._direct(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
