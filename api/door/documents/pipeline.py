"""The steps from text to a prepared operation, the cheap ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)

from api.door.document_id import hashed
from api.door.documents import extent
from api.door.documents.known import Known
from api.door.documents.measure import Fragments, Measure, measured
from api.door.documents.memory import DocumentMemory
from api.door.documents.prepared import Prepared, Rejected
from api.door.documents.price import Prices, introspected
from api.door.documents.tally import Tally
from api.errors import OperationTooCostly, ParseFailed, ValidationFailed
from api.settings import Settings

MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most; `size` is in bytes."""

    size: int
    tokens: int
    directives: int
    variables: int
    comparisons: int
    depth: int
    aliases: int
    root_fields: int
    cost: int


class Documents:
    """Prepares operations, and remembers the documents that were found valid."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._introspected = introspected(schema)
        self._rules = _rules(settings)
        self._hide_suggestions = not settings.suggestions
        self._memory = DocumentMemory(settings.document_cache_bytes)
        self._limits = Limits(
            size=settings.max_document_bytes,
            tokens=settings.max_document_tokens,
            directives=settings.max_directives,
            variables=settings.max_variables,
            comparisons=settings.max_comparisons,
            depth=settings.max_depth,
            aliases=settings.max_aliases,
            root_fields=settings.max_root_fields,
            cost=settings.max_cost,
        )

    def prepared(
        self, source: str, operation_name: str | None, variables: Mapping[str, Any] | None
    ) -> Prepared:
        """The operation that is meant, ready to be executed. Raises `Rejected`."""
        given: Mapping[str, Any] = variables or {}
        known = self._memory.find(source)
        if known is not None and len(given) <= self._limits.variables:
            prepared = known.find(operation_name, given)
            if prepared is not None:
                return prepared
        try:
            return self._prepared(source, known, operation_name, given)
        except RecursionError as error:
            raise _too_costly("depth", "levels or more", 100, self._limits.depth) from error

    def _prepared(
        self,
        source: str,
        known: Known | None,
        operation_name: str | None,
        variables: Mapping[str, Any],
    ) -> Prepared:
        document = known.document if known else self._parsed(source)
        self._require_few("variables", "variables", len(variables), self._limits.variables)
        operation, fragments = _determined(document, operation_name), _fragments(document)
        prices = Prices(self._schema, self._introspected, variables, _defaults(operation))
        measure = measured(prices, fragments, operation)
        self._require_within(measure)
        if known is None:
            self._require_valid(document, fragments)
            known = Known(document)
            self._memory.keep(source, known)
        prepared = Prepared(
            source=source,
            id=hashed(source),
            document=document,
            kind=operation.operation,
            kind_name=operation.operation.value,
            name=operation.name.value if operation.name else None,
            cost=max(measure.cost, 1),
            tally=Tally(prices, fragments, operation),
        )
        known.keep(operation_name, variables, prices.deciding, prepared)
        return prepared

    def _parsed(self, source: str) -> DocumentNode:
        size, most = len(source.encode("utf-8", "surrogatepass")), self._limits.size
        if size > most:
            raise _too_costly("size", "bytes", size, most)
        try:
            # One more than allowed, to tell a document that is too long from one that is broken.
            document = parse(
                source, max_tokens=self._limits.tokens, allow_empty_selection_sets=False
            )
        except GraphQLSyntaxError as error:
            if "Document contains more than" in error.message:
                tokens = self._limits.tokens
                raise _too_costly("tokens", "tokens", tokens + 1, tokens) from error
            raise Rejected([_coded(error, ParseFailed(error.message))]) from error
        limits = self._limits
        self._require_few(
            "directives", "directives", extent.directives(document), limits.directives
        )
        self._require_few("variables", "variables", extent.variables(document), limits.variables)
        return document

    def _require_within(self, measure: Measure) -> None:
        limits = self._limits
        self._require_few("depth", "levels of fields", measure.depth, limits.depth)
        self._require_few("aliases", "aliases", measure.aliases, limits.aliases)
        self._require_few("root_fields", "root fields", measure.fields, limits.root_fields)
        self._require_few("cost", "objects", measure.cost, limits.cost)

    def _require_valid(self, document: DocumentNode, fragments: Fragments) -> None:
        most = self._limits.comparisons
        count = extent.comparisons(document, fragments, most)
        self._require_few("comparisons", "fields to compare", count, most)
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=MOST_ERRORS,
            hide_suggestions=self._hide_suggestions,
            allow_empty_selection_sets=False,
        )
        if errors:
            raise Rejected([_coded(error, ValidationFailed(error.message)) for error in errors])

    @staticmethod
    def _require_few(measure: str, unit: str, value: int, most: int) -> None:
        if value > most:
            raise _too_costly(measure, unit, value, most)


def _rules(settings: Settings) -> list[type[ASTValidationRule]]:
    if settings.introspection:
        return [*specified_rules]
    return [*specified_rules, NoSchemaIntrospectionCustomRule]


def _fragments(document: DocumentNode) -> Fragments:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
    }


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
