"""A batch that a dataloader reads: it is the operation's own, and observed, with the contexts that were read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Protocol
from uuid import UUID

from api.observe import By, Observer, during, hears_of, milliseconds, stretches
from api.touched import touched_by_type, types_of


class Reading(Protocol):
    """Whose batches they are."""

    observe: Observer
    by: By
    loading: set[asyncio.Task[object]]
    """The tasks that read. Each goes on when those who wait for it are cancelled."""
    is_over: bool
    """Nothing is to be read any more."""


class Batch:
    """One batch, for the length of a `with`. `of_contexts` says that it is observed even where there are none."""

    __slots__ = ("_began", "_during", "_keys", "_of_contexts", "_reading", "_task")

    def __init__(
        self,
        reading: Reading,
        read: Callable[..., object],
        keys: Sequence[object],
        *,
        of_contexts: bool,
    ) -> None:
        self._reading = reading
        self._keys = keys
        self._of_contexts = of_contexts
        # Mostly nobody hears of it: spans alone are made of it.
        self._during: during | None = None
        if hears_of(reading.observe, stretches.Batch):
            self._during = during(reading.observe, stretches.Batch(_name(read), len(keys)))

    def __enter__(self) -> Batch:
        task = asyncio.current_task()
        if task is None or self._reading.is_over:
            raise asyncio.CancelledError
        self._task = task
        self._reading.loading.add(task)
        self._began = perf_counter()
        if self._during:
            self._during.__enter__()
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if self._during:
            self._during.__exit__(failure)
        self._reading.loading.discard(self._task)

    def has_read(self, found: Iterable[object]) -> None:
        """Tell what was found, for the contexts that are among it."""
        users = map(_owner, self._keys) if self._of_contexts else ()
        if types := types_of(users, found):
            took, reading = milliseconds(self._began), self._reading
            reading.observe(touched_by_type("read", types, took, reading.by))


def _name(read: Callable[..., object]) -> str:
    """Such as `contexts.pages_by_user`."""
    return f"{read.__module__.rpartition('.')[2]}.{read.__qualname__}"


def _owner(key: object) -> UUID:
    """Whose rows a key asks for: it is a user, or begins with one, or with what a user owns."""
    while isinstance(key, tuple):
        key = key[0]
    assert isinstance(key, UUID)  # noqa: S101  # every key is such a one
    return key
