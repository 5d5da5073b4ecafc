"""A request that is refused before there is any GraphQL to answer."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import Refusal


class Refused(Exception):
    """Carries the refusal, the HTTP status that says it, and further headers."""

    def __init__(
        self, status: int, refusal: Refusal, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(refusal))
        self.status, self.refusal, self.headers = status, refusal, dict(headers or {})
