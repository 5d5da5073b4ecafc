"""What every object with an id has in common, and how its stored fields are read."""

from __future__ import annotations

from typing import Any, ClassVar

import strawberry

from api.schema.identity import Kind, global_id
from db.contexts import Owned


def stored(description: str) -> Any:
    """A field whose value is the attribute of the same name of the type's `record`."""
    field = strawberry.field(description=description)
    # It is read from the record, so a type is made of its record alone.
    field.init = False
    return field


def read_stored(source: Any, name: str) -> object:
    """The default resolver: from the record of a type that has one, else from the object itself."""
    return getattr(getattr(source, "record", source), name)


@strawberry.interface(description="An object with a global id, by which it can be fetched again.")
class Node:
    kind: ClassVar[Kind]
    record: strawberry.Private[Any]

    @property
    def owned(self) -> Owned:
        """The user that the row belongs to, and the row."""
        return self.record.user_id, self.record.id

    @strawberry.field(description="The global id: opaque, unique over all types, and stable.")
    def id(self) -> strawberry.ID:
        return global_id(self.kind, *self.owned)
