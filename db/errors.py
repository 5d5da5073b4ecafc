"""Why the store did not do what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class StoreError(Exception):
    """The common ancestor; never raised itself."""


class Unavailable(StoreError):
    """PostgreSQL cannot be reached, or every connection stayed busy for too long."""


class Contended(Unavailable):
    """Others hold the rows that were to be changed, and it was given up for now; nothing has changed."""


class TooSlow(StoreError):
    """A statement ran into the statement timeout and was stopped by PostgreSQL."""


class Missing(StoreError):
    """What was named is not there, has expired, was deleted, or belongs to somebody else."""

    def __init__(self, noun: str) -> None:
        super().__init__(noun)
        self.noun = noun


class Stale(StoreError):
    """The version that was expected is no longer the newest."""

    def __init__(self, noun: str, current_version: int) -> None:
        super().__init__(f"{noun} is at version {current_version}")
        self.noun, self.current_version = noun, current_version


class TooMany(StoreError):
    """There are `limit` of these already, and no more are taken."""

    def __init__(self, noun: str, limit: int) -> None:
        super().__init__(f"{limit} of {noun}")
        self.noun, self.limit = noun, limit


class KeyReused(StoreError):
    """The idempotency key was used before: for another `operation`, or with another input."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self.operation = operation


class Violated(StoreError):
    """A constraint of the database refused the write; `constraint` is its name."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@contextmanager
def reaching() -> Iterator[None]:
    """Around the making of a connection: whatever PostgreSQL has against it, it is not to be had."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unavailable(str(error) or type(error).__name__) from error


_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    # A connection that PostgreSQL has just ended says this until its end has been noticed.
    asyncpg.InternalClientError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise asyncpg's errors as the store's own; anything else is a fault and passes."""
    try:
        yield
    except Exception as error:
        if ours := translation(error):
            raise ours from error
        raise


def translation(error: Exception) -> StoreError | None:
    """The error of asyncpg as the store's own; None for a fault."""
    match error:
        case asyncpg.IntegrityConstraintViolationError():
            return Violated(error.constraint_name or "unnamed")
        case asyncpg.LockNotAvailableError() | asyncpg.DeadlockDetectedError():
            return Contended(str(error))
        case asyncpg.QueryCanceledError():
            return TooSlow(str(error))
    if isinstance(error, _AWAY):
        return Unavailable(str(error) or type(error).__name__)
    # Of these, the ones that are also ValueErrors complain about our arguments; the rest are dead connections.
    if isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError):
        return Unavailable(str(error))
    return None
