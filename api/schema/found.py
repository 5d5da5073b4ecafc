"""Single objects: whoever resolves one says where it is found, and whoever executes it reads it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, NamedTuple, TypeVar

from api.edges import Edge

NodeType = TypeVar("NodeType")


class Found(NamedTuple, Generic[NodeType]):
    """An object that is asked for, before anything is read. Awaited, it is read; what is not there is None.

    `kind` is its type, which is made of its record, and `key` is where it is found along the edge.
    """

    edge: Edge[Any, Any]
    key: Any
    kind: Callable[..., NodeType]

    def __await__(self) -> Generator[Any, Any, NodeType | None]:
        return self.made((yield from self.edge.load(self.key).__await__()))

    def made(self, record: Any) -> NodeType | None:
        """The object of its record, if there is one."""
        return None if record is None else self.kind(record=record)


def found(edge: Edge[Any, Any], key: object, kind: Callable[..., NodeType]) -> NodeType | None:
    """An object that is yet to be read: to whoever executes it is given as `Found`, which is awaited."""
    return Found(edge, key, kind)  # type: ignore[return-value]  # it comes to be one


def there(edge: Edge[Any, Any], key: object, kind: Callable[..., NodeType]) -> NodeType:
    """The same of what is always there, as the database sees to."""
    return Found(edge, key, kind)  # type: ignore[return-value]  # it comes to be one
