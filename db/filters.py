"""Which contexts a list is about: each condition that is asked for becomes one predicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from uuid import UUID


def live(moment: str) -> str:
    """Whether `contexts c` had not expired at the moment, which is SQL."""
    return f"(c.expires_at is null or c.expires_at > {moment})"


# Expired is absent, at once and everywhere; the sweeper only tidies.
LIVE = live("now()")


def conjoined(predicates: Sequence[str], first: int, moment: str = "now()", *, active: bool) -> str:
    """All of these conditions, each with its one placeholder, beside that nothing has expired by then."""
    parts = [live(moment), "c.is_active"] if active else [live(moment)]
    parts += [one.format(f"${number}") for number, one in enumerate(predicates, first)]
    return " and ".join(parts)


@dataclass(frozen=True, repr=False)
class ContextFilter:
    """Conditions on contexts, all of which must hold; None asks nothing.

    `metadata` and `content` are JSON texts that the column must contain (`@>`). A filter is asked for again and again,
    and knows what it is as a key and as a text.
    """

    context_types: tuple[str, ...] | None = None
    conversation_id: UUID | None = None
    metadata: str | None = None
    content: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    include_inactive: bool = False

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def _hash(self) -> int:
        return hash(self._values)

    @cached_property
    def _text(self) -> str:
        named = zip([one.name for one in fields(self)], self._values, strict=True)
        return f"ContextFilter({', '.join([f'{name}={value!r}' for name, value in named])})"

    @property
    def _values(self) -> tuple[object, ...]:
        return tuple([getattr(self, one.name) for one in fields(self)])

    def predicates(self) -> list[tuple[str, object]]:
        """Each condition as SQL over `contexts c`, with `{}` for its one argument."""
        asked: list[tuple[str, object]] = []
        if self.context_types is not None:
            asked.append(_of_types(self.context_types))
        for column, operator, cast in _COMPARISONS:
            value = getattr(self, column)
            if value is not None:
                asked.append((f"c.{operator} {{}}{cast}", value))
        return asked

    def condition(self, first: int, moment: str = "now()") -> tuple[str, list[object]]:
        """The whole condition, its placeholders counted from `first`, and the arguments in order.

        `moment` is SQL: what had expired by then is not meant.
        """
        predicates = self.predicates()
        sql = conjoined(
            [one for one, _ in predicates], first, moment, active=not self.include_inactive
        )
        return sql, [value for _, value in predicates]


_COMPARISONS = (
    ("conversation_id", "conversation_id =", ""),
    ("metadata", "metadata @>", "::text::jsonb"),
    ("content", "content @>", "::text::jsonb"),
    ("created_after", "created_at >", ""),
    ("created_before", "created_at <", ""),
)


def _of_types(types: tuple[str, ...]) -> tuple[str, object]:
    # Equality keeps the order of the index; `any` would sort.
    if len(types) == 1:
        return "c.context_type = {}", types[0]
    return "c.context_type = any({})", list(types)
