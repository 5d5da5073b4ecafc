"""How much of each kind one process has in flight at most."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from graphql import OperationType

from api.observe import LimitHit, Observer
from api.places import RETRY_SECONDS, Places
from api.settings import Settings

RETRY = {"Retry-After": str(RETRY_SECONDS)}


class InFlight:
    """The places of a process: what is executed is counted apart from what waits for news most of the time."""

    def __init__(self, settings: Settings, observe: Observer) -> None:
        def telling(limit: str) -> Callable[[], None]:
            return partial(observe, LimitHit(limit))

        self.sockets = Places(settings.max_sockets, "WebSockets", telling("sockets"))
        self._operations = Places(settings.max_operations, "operations", telling("operations"))
        self._subscriptions = Places(
            settings.max_subscriptions, "subscriptions", telling("subscriptions")
        )

    def places(self, kind: OperationType) -> Places:
        return self._subscriptions if kind is OperationType.SUBSCRIPTION else self._operations

    def taken(self) -> tuple[tuple[str, int], ...]:
        """How many there are of each kind just now."""
        return (
            ("operations", self._operations.taken),
            ("subscriptions", self._subscriptions.taken),
            ("sockets", self.sockets.taken),
        )
