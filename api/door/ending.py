"""How an operation ended, said alike over every transport: the fact for the log, and the refusal of a slow one."""

from __future__ import annotations

from time import perf_counter

from api.door.documents import Prepared
from api.errors import Timeout
from api.observe import OperationEnded


def operation_ended(
    request_id: str,
    transport: str,
    prepared: Prepared | None,
    codes: tuple[str, ...],
    began: float,
) -> OperationEnded:
    """The fact, at this moment; `began` is by `perf_counter`, `prepared` None for one that could not begin."""
    return OperationEnded(
        request_id=request_id,
        transport=transport,
        kind=prepared.kind.value if prepared else None,
        name=prepared.name if prepared else None,
        codes=codes,
        duration_ms=round((perf_counter() - began) * 1000, 2),
    )


def too_late(seconds: float) -> Timeout:
    """What is said of an operation that was given up after so long."""
    return Timeout(f"The operation took longer than {seconds:g} seconds; ask for less.")
