"""How far the embedding of what is stored has come."""

from __future__ import annotations

import strawberry

from api.schema.info import Info
from db import embeddings
from db.records import Waiting


@strawberry.type(description="How far an embedding model has come with what is stored.")
class EmbeddingProgress:
    record: strawberry.Private[Waiting]

    @strawberry.field(description="The model, as the settings name it.")
    def model(self) -> str:
        return self.record.model

    @strawberry.field(description="Whether search asks this model; another is being prepared.")
    def serving(self, info: Info) -> bool:
        embedder = info.context.embedder
        return embedder is not None and embedder.name == self.record.model

    @strawberry.field(
        description="Contexts that it has embedded. Counting reads an index from end to end: ask now and then."
    )
    async def embedded(self, info: Info) -> int:
        return await embeddings.count(info.context.db, self.record.model)

    @strawberry.field(
        description="Contexts that wait to be embedded, those that were changed included."
    )
    def missing(self) -> int:
        return self.record.missing

    @strawberry.field(
        description="Those of the missing whose last attempt failed; each is tried again, at growing intervals."
    )
    def failing(self) -> int:
        return self.record.failing

    @strawberry.field(
        description="Whether all contexts from before this model are counted in; while not, `missing` still grows."
    )
    def counted(self) -> bool:
        return self.record.is_walked
