"""The schema, built from the nouns."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from api.schema.context import Context
from api.schema.conversation import Conversation
from api.schema.executor import Executor
from api.schema.mutation import Mutation
from api.schema.node import read_stored
from api.schema.query import Query
from api.schema.response import Response
from api.schema.scalars import SCALARS
from api.schema.subscription import Subscription
from api.schema.user import User


class Graph(strawberry.Schema):
    """Strawberry's schema, silent: errors are shaped and observed at the door."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        pass


def graph(
    extensions: Iterable[type[SchemaExtension]] = (), executor: type[Executor] = Executor
) -> Graph:
    """The whole graph. `extensions` are what the door puts around every operation."""
    schema = Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User, Context, Conversation, Response],
        extensions=extensions,
        execution_context_class=executor,
        config=StrawberryConfig(default_resolver=read_stored, scalar_map=SCALARS),
    )
    _enforce_one_of(schema)
    return schema


def _enforce_one_of(schema: Graph) -> None:
    # Strawberry marks @oneOf only in introspection; graphql-core enforces it once it is told.
    for kind in schema._schema.type_map.values():  # noqa: SLF001  # there is no public way to it
        definition = kind.extensions.get("strawberry-definition")
        if isinstance(kind, GraphQLInputObjectType) and getattr(definition, "is_one_of", False):
            kind.is_one_of = True
