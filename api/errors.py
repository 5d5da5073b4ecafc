"""What the server may refuse: one class a code.

Only these reach a client. Anything else that is raised is ours: it is logged whole and shown as `INTERNAL`.
The table in the README is held against this module by a test.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """`extensions.code` of every error that the server gives."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_TOO_COSTLY = "OPERATION_TOO_COSTLY"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    RATE_LIMITED = "RATE_LIMITED"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    MODEL_TIMEOUT = "MODEL_TIMEOUT"
    RESPONSE_INTERRUPTED = "RESPONSE_INTERRUPTED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"


class Refusal(Exception):
    """A refusal that a client may read. `str()` names the thing and the remedy."""

    code: ClassVar[ErrorCode]

    @property
    def extensions(self) -> dict[str, object]:
        """What stands in `extensions` of the GraphQL error; JSON values only."""
        return {"code": self.code.value}


class ParseFailed(Refusal):
    """The text is no GraphQL document."""

    code = ErrorCode.GRAPHQL_PARSE_FAILED


class ValidationFailed(Refusal):
    """The document does not fit the schema, or its operation cannot be determined."""

    code = ErrorCode.GRAPHQL_VALIDATION_FAILED


class OperationTooCostly(Refusal):
    """The document passes a limit on size, tokens, depth, aliases or cost, or an answer one on its text."""

    code = ErrorCode.OPERATION_TOO_COSTLY

    def __init__(self, message: str, *, measure: str, value: int, limit: int) -> None:
        super().__init__(message)
        self.measure, self.value, self.limit = measure, value, limit

    @property
    def extensions(self) -> dict[str, object]:
        return {
            **super().extensions,
            "measure": self.measure,
            "value": self.value,
            "limit": self.limit,
        }


class BadUserInput(Refusal):
    """An argument, a variable or the request itself is not as it must be."""

    code = ErrorCode.BAD_USER_INPUT


class PersistedQueryNotFound(Refusal):
    """No document of this hash is remembered."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def __init__(self) -> None:
        # Clients of Apollo look for this very word; they then send the text with the hash.
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(Refusal):
    """Documents are not remembered here."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED

    def __init__(self) -> None:
        # Here too: they then send the text, always.
        super().__init__("PersistedQueryNotSupported")


class DocumentNotTrusted(Refusal):
    """Only the documents of a manifest are served, and this is none of them."""

    code = ErrorCode.DOCUMENT_NOT_TRUSTED

    def __init__(self) -> None:
        super().__init__(
            "Only trusted documents are served here; ask for one of them, or have this one added to the manifest "
            "that CONTEXTQL_TRUSTED_DOCUMENTS names."
        )


class Unauthenticated(Refusal):
    """There is no credential, or none that is worth anything."""

    code = ErrorCode.UNAUTHENTICATED


class Forbidden(Refusal):
    """The credential is good, and does not reach so far. Never said of what belongs to another user."""

    code = ErrorCode.FORBIDDEN


class NotFound(Refusal):
    """What a mutation names does not exist, has expired, or is not this user's."""

    code = ErrorCode.NOT_FOUND


class Conflict(Refusal):
    """Somebody else wrote first, or the rule "only one" would be broken."""

    code = ErrorCode.CONFLICT

    def __init__(self, message: str, *, current_version: int | None = None) -> None:
        super().__init__(message)
        self.current_version = current_version

    @property
    def extensions(self) -> dict[str, object]:
        if self.current_version is None:
            return super().extensions
        return {**super().extensions, "currentVersion": self.current_version}


class IdempotencyMismatch(Refusal):
    """The idempotency key has been used before, with another input."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class RateLimited(Refusal):
    """Too much was asked in too short a time, or as much as is allowed at once is being worked on already.

    `remaining` and `reset_at` are there where time mends it.
    """

    code = ErrorCode.RATE_LIMITED

    def __init__(
        self,
        message: str,
        *,
        limit: int,
        remaining: int | None = None,
        reset_at: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.limit, self.remaining, self.reset_at = limit, remaining, reset_at

    @property
    def extensions(self) -> dict[str, object]:
        told: dict[str, object] = {**super().extensions, "limit": self.limit}
        if self.remaining is not None:
            told["remaining"] = self.remaining
        if self.reset_at is not None:
            told["resetAt"] = self.reset_at.isoformat().replace("+00:00", "Z")
        return told


class ModelUnavailable(Refusal):
    """The language model could not be reached or gave up."""

    code = ErrorCode.MODEL_UNAVAILABLE


class ModelTimeout(Refusal):
    """The language model took longer than the setting allows."""

    code = ErrorCode.MODEL_TIMEOUT


class ResponseInterrupted(Refusal):
    """The server stopped, or was gone, while it was generating."""

    code = ErrorCode.RESPONSE_INTERRUPTED


class ServiceUnavailable(Refusal):
    """The database is away, or every connection is busy."""

    code = ErrorCode.SERVICE_UNAVAILABLE


class Timeout(Refusal):
    """The operation took longer than the setting allows."""

    code = ErrorCode.TIMEOUT


class Internal(Refusal):
    """A fault of ours. The log line with the same request id has all of it."""

    code = ErrorCode.INTERNAL

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side; quote the request id to find it.")
