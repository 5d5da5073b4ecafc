"""What is observed of looking up what is known about a user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from uuid import UUID

from api.grounding.found import Grounding
from api.grounding.searcher import Searcher
from api.observe import Grounded, Retrieved, during, milliseconds
from api.observe.stretches import Retrieval
from api.touched import touched
from db.records import Context


@contextmanager
def retrieval(searcher: Searcher, purpose: str, user: UUID) -> Iterator[list[Context]]:
    """The block is a retrieval for `search` or `grounding`; what it finds it puts into the list."""
    found: list[Context] = []
    began = perf_counter()
    with during(searcher.observe, Retrieval(str(user), purpose)):
        yield found
        took = milliseconds(began)
        searcher.observe(Retrieved(str(user), purpose, len(found), took))
    searcher.observe(touched(purpose, [user], found, took, searcher.by))


def prompted(searcher: Searcher, user: UUID, made: Grounding, began: float) -> None:
    """Observe that the prompt is made; `began` is by `perf_counter`."""
    included = sum(item.included for item in made.items)
    searcher.observe(
        Grounded(
            user_id=str(user),
            tokens=made.tokens,
            budget=made.budget,
            included=included,
            left_out=len(made.items) - included,
            duration_ms=milliseconds(began),
        )
    )
