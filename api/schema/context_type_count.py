"""How many contexts of one type a user has, in the graph."""

from __future__ import annotations

import strawberry


@strawberry.type(description="How many contexts of one type a user has.")
class ContextTypeCount:
    context_type: str = strawberry.field(description="The type.")
    contexts: int = strawberry.field(
        description="Contexts of it that are there: neither deleted nor expired."
    )
