"""How much of each kind one process has in flight at most."""

from __future__ import annotations

from graphql import OperationType

from api.places import RETRY_SECONDS, Places
from api.settings import Settings

RETRY = {"Retry-After": str(RETRY_SECONDS)}


class InFlight:
    """The places of a process: what is executed is counted apart from what waits for news most of the time."""

    def __init__(self, settings: Settings) -> None:
        self.sockets = Places(settings.max_sockets, "WebSockets")
        self._operations = Places(settings.max_operations, "operations")
        self._subscriptions = Places(settings.max_subscriptions, "subscriptions")

    def places(self, kind: OperationType) -> Places:
        return self._subscriptions if kind is OperationType.SUBSCRIPTION else self._operations
