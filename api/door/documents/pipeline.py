"""The steps from text to a prepared operation, the cheap ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)

from api.door.documents.measure import Measure, measured
from api.door.documents.memory import DocumentMemory
from api.door.documents.prepared import Prepared, Rejected
from api.errors import OperationTooCostly, ParseFailed, ValidationFailed
from api.settings import Settings

MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most; `size` is in bytes."""

    size: int
    tokens: int
    depth: int
    aliases: int
    cost: int


class Documents:
    """Prepares operations, and remembers the documents that were found valid."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._memory = DocumentMemory(settings.document_cache_bytes)
        self._limits = Limits(
            size=settings.max_document_bytes,
            tokens=settings.max_document_tokens,
            depth=settings.max_depth,
            aliases=settings.max_aliases,
            cost=settings.max_cost,
        )

    def prepared(
        self, source: str, operation_name: str | None, variables: Mapping[str, Any] | None
    ) -> Prepared:
        """The operation that is meant, ready to be executed. Raises `Rejected`."""
        try:
            return self._prepared(source, operation_name, variables or {})
        except RecursionError as error:
            raise _too_costly("depth", "levels or more", 100, self._limits.depth) from error

    def _prepared(
        self, source: str, operation_name: str | None, variables: Mapping[str, Any]
    ) -> Prepared:
        document = self._memory.find(source)
        known = document is not None
        document = document or self._parsed(source)
        operation = _determined(document, operation_name)
        measure = measured(self._schema, document, operation, variables)
        self._require_within(measure)
        if not known:
            self._require_valid(document)
            self._memory.keep(source, document)
        name = operation.name.value if operation.name else None
        return Prepared(document, operation.operation, name, measure.cost)

    def _parsed(self, source: str) -> DocumentNode:
        size, most = len(source.encode("utf-8", "surrogatepass")), self._limits.size
        if size > most:
            raise _too_costly("size", "bytes", size, most)
        try:
            # One more than allowed, to tell a document that is too long from one that is broken.
            return parse(source, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            if "Document contains more than" in error.message:
                tokens = self._limits.tokens
                raise _too_costly("tokens", "tokens", tokens + 1, tokens) from error
            raise Rejected([_coded(error, ParseFailed(error.message))]) from error

    def _require_within(self, measure: Measure) -> None:
        limits = self._limits
        if measure.depth > limits.depth:
            raise _too_costly("depth", "levels of fields", measure.depth, limits.depth)
        if measure.aliases > limits.aliases:
            raise _too_costly("aliases", "aliases", measure.aliases, limits.aliases)
        if measure.cost > limits.cost:
            raise _too_costly("cost", "objects", measure.cost, limits.cost)

    def _require_valid(self, document: DocumentNode) -> None:
        errors = validate(
            self._schema,
            document,
            max_errors=MOST_ERRORS,
            hide_suggestions=True,
            allow_empty_selection_sets=False,
        )
        if errors:
            raise Rejected([_coded(error, ValidationFailed(error.message)) for error in errors])


def _determined(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if name is None:
        if len(operations) == 1:
            return operations[0]
        what = (
            "holds no operation"
            if not operations
            else "holds several operations; say which with operationName"
        )
        raise Rejected.because(ValidationFailed(f"The document {what}."))
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise Rejected.because(
        ValidationFailed(f"The document holds no operation named {name[:100]!r}.")
    )


def _too_costly(measure: str, unit: str, value: int, limit: int) -> Rejected:
    # A count beyond all measure says no more than a large one, and JSON has no room for it.
    value = min(value, 2**53)
    return Rejected.because(
        OperationTooCostly(
            f"The operation has {value} {unit}; at most {limit} are allowed. Ask for less at a time.",
            measure=measure,
            value=value,
            limit=limit,
        )
    )


def _coded(error: GraphQLError, refusal: ParseFailed | ValidationFailed) -> GraphQLError:
    return GraphQLError(
        error.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        original_error=refusal,
    )
