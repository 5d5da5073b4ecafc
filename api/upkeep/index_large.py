"""Giving large users an index over their embeddings, and taking it from those who are large no more."""

from __future__ import annotations

from api.observe import EmbeddingsIndexed, Observer
from db.semantic_indexes import MOST_INDEXES, indexing


async def index_large(url: str, threshold: int, observe: Observer) -> None:
    """Let exactly those have a whole index who have more embeddings than the threshold.

    One that fails is found broken, dropped and made anew next time; search is exact until then.
    """
    async with indexing(url) as indexes:
        if indexes is None:
            return
        # Whoever hovers about the threshold keeps what there is.
        large = (await indexes.large_users(threshold // 2))[:MOST_INDEXES]
        standing = await indexes.standing()
        for name in standing.keys() - {user.index for user in large if standing.get(user.index)}:
            await indexes.drop(name)
        for user in large:
            if user.count > threshold and not standing.get(user.index):
                await indexes.make(user)
                observe(EmbeddingsIndexed(str(user.user_id), user.model, user.count))
