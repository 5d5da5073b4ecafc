"""An operation in flight: the place that it takes, the stretch that it is, and what lives as long as it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.door.caller import Caller
from api.door.documents import Prepared
from api.observe import during
from api.observe.stretches import Execution
from api.operation import Operation
from api.places import Place

if TYPE_CHECKING:
    from api.door.http import Door

OpenOperation = Callable[[Caller, Prepared, Place], Operation]
"""Makes the context value of an operation: from who asks, the prepared document, and the place that it takes."""


class Opened:
    """The operation, for the length of a `with`. To enter it raises `Full`."""

    __slots__ = ("_caller", "_door", "_operation", "_place", "_prepared", "_stretch")

    def __init__(self, door: Door, caller: Caller, prepared: Prepared) -> None:
        self._door = door
        self._caller = caller
        self._prepared = prepared
        self._place = Place(door.in_flight.places(prepared.kind))
        # Mostly nobody hears of it: spans alone are made of it.
        self._stretch = (
            during(door.observe, _execution(caller, prepared)) if door.tells_of_executions else None
        )

    def __enter__(self) -> Operation:
        self._place.__enter__()
        try:
            self._operation = self._door.open_operation(self._caller, self._prepared, self._place)
        except BaseException:
            self._place.__exit__()
            raise
        if self._stretch:
            self._stretch.__enter__()
        return self._operation

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            self._operation.close()
        finally:
            if self._stretch:
                self._stretch.__exit__(failure)
            self._place.__exit__()


def _execution(caller: Caller, prepared: Prepared) -> Execution:
    by = caller.by
    return Execution(
        kind=prepared.kind_name,
        name=prepared.name,
        transport=caller.transport,
        request_id=by.request_id,
        principal=by.principal,
        traceparent=caller.traceparent,
    )
