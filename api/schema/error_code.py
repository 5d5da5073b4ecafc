"""What can go wrong, in the graph: the codes of `api.errors`, which a test holds these against."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="What can go wrong; also `extensions.code` of every GraphQL error.")
class ErrorCode(Enum):
    GRAPHQL_PARSE_FAILED = strawberry.enum_value(
        "GRAPHQL_PARSE_FAILED",
        description="The text is not a GraphQL document.",
    )
    GRAPHQL_VALIDATION_FAILED = strawberry.enum_value(
        "GRAPHQL_VALIDATION_FAILED",
        description="The document does not fit the schema, or it is unclear which operation is meant.",
    )
    OPERATION_TOO_COSTLY = strawberry.enum_value(
        "OPERATION_TOO_COSTLY",
        description="What is asked or answered passes a limit; `measure`, `value` and `limit` say which. Ask for less.",
    )
    BAD_USER_INPUT = strawberry.enum_value(
        "BAD_USER_INPUT",
        description="An argument, a variable or the request itself is not as it must be.",
    )
    PERSISTED_QUERY_NOT_FOUND = strawberry.enum_value(
        "PERSISTED_QUERY_NOT_FOUND",
        description="No document of this hash is remembered; send its text with the hash.",
    )
    PERSISTED_QUERY_NOT_SUPPORTED = strawberry.enum_value(
        "PERSISTED_QUERY_NOT_SUPPORTED",
        description="Documents are not remembered by their hash here; send the text.",
    )
    DOCUMENT_NOT_TRUSTED = strawberry.enum_value(
        "DOCUMENT_NOT_TRUSTED",
        description="Only the documents of a manifest are served here, and this is none of them.",
    )
    UNAUTHENTICATED = strawberry.enum_value(
        "UNAUTHENTICATED",
        description="There is no credential, or it is unknown, expired or revoked; send `Authorization: Bearer …`.",
    )
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN",
        description="The credential does not reach so far: this is for services.",
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND",
        description="What is named does not exist, has expired or was deleted, or is another user's.",
    )
    CONFLICT = strawberry.enum_value(
        "CONFLICT",
        description="Somebody else wrote first; `currentVersion` says what stands now.",
    )
    IDEMPOTENCY_MISMATCH = strawberry.enum_value(
        "IDEMPOTENCY_MISMATCH",
        description="The idempotency key was used before, with another input; use a new one for a new write.",
    )
    RATE_LIMITED = strawberry.enum_value(
        "RATE_LIMITED",
        description=(
            "Too much was asked in too short a time, or too many answers are being generated at once; `limit` says how "
            "much is allowed, and where time mends it `remaining` what is left and `resetAt` when to ask again."
        ),
    )
    MODEL_UNAVAILABLE = strawberry.enum_value(
        "MODEL_UNAVAILABLE",
        description="The language model could not be reached or gave up.",
    )
    MODEL_TIMEOUT = strawberry.enum_value(
        "MODEL_TIMEOUT",
        description="The language model took too long.",
    )
    RESPONSE_INTERRUPTED = strawberry.enum_value(
        "RESPONSE_INTERRUPTED",
        description="The server stopped, or was gone, while it was answering; ask again.",
    )
    SERVICE_UNAVAILABLE = strawberry.enum_value(
        "SERVICE_UNAVAILABLE",
        description="The database is away or overloaded; try again shortly.",
    )
    TIMEOUT = strawberry.enum_value(
        "TIMEOUT",
        description="The operation took too long; ask for less.",
    )
    INTERNAL = strawberry.enum_value(
        "INTERNAL",
        description="A fault of the server; quote the request id.",
    )
