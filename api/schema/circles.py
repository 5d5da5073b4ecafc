"""The graph goes in circles: here are its nouns as annotations that may be read before the noun is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strawberry.types.lazy_type import LazyType

if TYPE_CHECKING:
    from api.schema.context import Context
    from api.schema.conversation import Conversation
    from api.schema.response import Response
    from api.schema.user import User
else:
    User = LazyType("User", "api.schema.user")
    Context = LazyType("Context", "api.schema.context")
    Conversation = LazyType("Conversation", "api.schema.conversation")
    Response = LazyType("Response", "api.schema.response")

__all__ = ["Context", "Conversation", "Response", "User"]
