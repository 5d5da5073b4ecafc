"""Contexts whose content need not be read back once it is stored, since nobody asks what has become of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strawberry.types.nodes import SelectedField, Selection

from api.schema.info import Info

UNCHANGED = frozenset(
    {
        "__typename",
        "id",
        "contextType",
        "createdAt",
        "updatedAt",
        "expiresAt",
        "isActive",
        "version",
    }
)
"""The fields of a context that do without content and metadata, which PostgreSQL writes in another way than given."""


def suffices(info: Info, contexts: str) -> bool:
    """True if only such fields are asked of the contexts, which stand in that field of the payload."""
    asked = (
        field.name
        for payload in info.selected_fields
        for several in _fields(payload.selections)
        if several.name == contexts
        for field in _fields(several.selections)
    )
    return UNCHANGED.issuperset(asked)


def _fields(selections: Iterable[Selection]) -> Iterator[SelectedField]:
    """The fields that are selected, those in fragments as well."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection
        else:
            yield from _fields(selection.selections)
