"""A request that is refused before there is any GraphQL to answer."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from api.door.accept import JSON
from api.door.request_id import HEADER
from api.errors import Refusal


class Refused(Exception):
    """Carries the refusal, the HTTP status that says it, and further headers."""

    def __init__(
        self, status: int, refusal: Refusal, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(refusal))
        self.status, self.refusal, self.headers = status, refusal, dict(headers or {})


def refused_response(
    request_id: str, status: int, refusal: Refusal, headers: Mapping[str, str] | None = None
) -> Response:
    """The refusal as every client can read it: JSON in the shape of a GraphQL answer."""
    extensions = {**refusal.extensions, "requestId": request_id}
    answer = {"errors": [{"message": str(refusal), "extensions": extensions}]}
    given = {**(headers or {}), "Content-Type": f"{JSON}; charset=utf-8", HEADER: request_id}
    return Response(orjson.dumps(answer), status, headers=given)
