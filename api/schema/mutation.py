"""Where writing begins."""

from __future__ import annotations

import strawberry

from api.schema.context_mutations import ContextMutations
from api.schema.conversation_mutations import ConversationMutations
from api.schema.rating_mutations import RatingMutations
from api.schema.response_mutations import ResponseMutations
from api.schema.user_mutations import UserMutations


@strawberry.type(description="Writing. Each takes one `input` and gives back what it changed.")
class Mutation(
    UserMutations, ContextMutations, ConversationMutations, ResponseMutations, RatingMutations
):
    pass
