"""How much is kept for a user, in the graph."""

from __future__ import annotations

import strawberry

BYTES = (
    "Bytes of what is kept for the user, as it is stored: content, metadata and search text of all contexts, deleted "
    "ones included, and of their versions; embeddings; messages, answers, receipts and comments of responses; what is "
    "being answered. Without indexes, ids, times and what rows take by themselves."
)


@strawberry.type(description="How much is kept for a user.")
class Storage:
    context_count: int = strawberry.field(
        description="Contexts that are there: neither deleted nor expired."
    )
    bytes: float = strawberry.field(description=BYTES)
