"""What the pipeline gives: a prepared operation, or the errors that it is rejected for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, OperationType
from strawberry.extensions import SchemaExtension

from api.door.documents.tally import Place, Tally
from api.errors import Refusal


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be executed. `cost` is what it may cost at most, `tally` counts what it has."""

    source: str
    """The text that the document was parsed from."""
    id: str
    """The name that the document has by its text."""
    document: DocumentNode
    kind: OperationType
    kind_name: str
    """`query`, `mutation` or `subscription`."""
    name: str | None
    cost: int
    tally: Tally

    def places(self) -> Mapping[str, Place]:
        """What may stand in its answer under each key, and what that counts for."""
        return self.tally.places


class Rejected(Exception):
    """The document may not be executed; `errors` say why, each with a `Refusal` behind it."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors

    @classmethod
    def because(cls, refusal: Refusal) -> Rejected:
        """One reason, which is nowhere in particular in the document."""
        return cls([GraphQLError(str(refusal), original_error=refusal)])


class PreparedDocument(SchemaExtension):
    """Hands the prepared document of the operation to Strawberry, which then neither parses nor validates."""

    def on_parse(self) -> Iterator[None]:
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield
