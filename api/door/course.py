"""How an operation has gone so far, and what is said of it at its end, alike over every transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from api.door.asked import Asked
from api.door.caller import Caller
from api.door.charge import Charge
from api.door.document_id import hashed
from api.door.documents import Prepared
from api.errors import Timeout
from api.observe import OperationEnded, Spent, milliseconds
from api.operation import Operation


@dataclass(slots=True)
class Course:
    """The course of one operation. What it has not come to is None."""

    caller: Caller
    asked: Asked
    prepared: Prepared | None = None
    operation: Operation | None = None
    charge: Charge | None = None
    began: float = field(default_factory=perf_counter)

    def ended(self, codes: tuple[str, ...]) -> OperationEnded:
        """The fact, at this moment."""
        prepared = self.prepared
        return OperationEnded(
            by=self.caller.by,
            transport=self.caller.transport,
            kind=prepared.kind.value if prepared else None,
            name=prepared.name if prepared else None,
            codes=codes,
            duration_ms=milliseconds(self.began),
            spent=self._spent(),
            document=prepared.id if prepared else self._document(),
        )

    def _document(self) -> str | None:
        return hashed(self.asked.query) if self.asked.query else None

    def _spent(self) -> Spent:
        if self.operation is None:
            return Spent()
        return self.operation.spent(self.charge.actual if self.charge else 0)


def too_late(seconds: float) -> Timeout:
    """What is said of an operation that was given up after so long."""
    return Timeout(f"The operation took longer than {seconds:g} seconds; ask for less.")
