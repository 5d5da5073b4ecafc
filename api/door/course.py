"""How an operation has gone so far, and what is said of it at its end, alike over every transport."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from api.door.asked import Asked
from api.door.caller import Caller
from api.door.charge import Charge
from api.door.document_id import hashed
from api.door.documents import Prepared
from api.errors import Timeout
from api.observe import OperationEnded, Spent, milliseconds
from api.operation import Operation

if TYPE_CHECKING:
    from api.door.http import Door


class Course:
    """The course of one operation. What it has not come to is None."""

    __slots__ = ("asked", "began", "caller", "charge", "door", "operation", "prepared")

    def __init__(self, door: Door, caller: Caller, asked: Asked) -> None:
        self.door = door
        self.caller = caller
        self.asked = asked
        self.prepared: Prepared | None = None
        self.operation: Operation | None = None
        self.charge: Charge | None = None
        self.began = perf_counter()

    def observe_end(self, codes: tuple[str, ...]) -> None:
        """Tell that it has ended at this moment, with these codes of errors."""
        caller, took, spent = self.caller, milliseconds(self.began), self._spent()
        prepared, text = self.prepared, self.asked.query
        if prepared is None:
            kind = name = None
            document = hashed(text) if text else None
        else:
            kind, name, document = prepared.kind_name, prepared.name, prepared.id
        self.door.observe(
            OperationEnded(caller.by, caller.transport, kind, name, codes, took, spent, document)
        )

    def _spent(self) -> Spent:
        if self.operation is None:
            return Spent()
        return self.operation.spent(self.charge.actual if self.charge else 0)


def too_late(seconds: float) -> Timeout:
    """What is said of an operation that was given up after so long."""
    return Timeout(f"The operation took longer than {seconds:g} seconds; ask for less.")
