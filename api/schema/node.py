"""What every object with an id has in common, and how its stored fields are read."""

from __future__ import annotations

from typing import Any

import strawberry


@strawberry.interface(description="An object with a global id, by which it can be fetched again.")
class Node:
    @strawberry.field(description="The global id: opaque, unique over all types, and stable.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


def stored(description: str) -> Any:
    """A field whose value is the attribute of the same name of the type's `record`."""
    field = strawberry.field(description=description)
    # It is read from the record, so a type is made of its record alone.
    field.init = False
    return field


def read_stored(source: Any, name: str) -> object:
    """The default resolver: from the record of a type that has one, else from the object itself."""
    return getattr(getattr(source, "record", source), name)
