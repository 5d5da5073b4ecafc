"""What a span is called by what its statement does."""

from __future__ import annotations

import pytest

from api.telemetry.statements import summary
from db import context_writes, contexts, response_endings, responses, users
from db.keys import which
from db.scope import NOBODY
from tests.db.test_statements import statements


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select 1", "SELECT"),
        (users.UPSERT, "INSERT users"),
        (contexts.by_ids_statement(which("c", [(NOBODY, NOBODY)])), "SELECT contexts"),
        # What it changes, not the history that is written along.
        (context_writes.UPDATE, "UPDATE contexts"),
        # The outermost query, not the one in a column.
        (responses.by_ids_statement(which("r", [(NOBODY, NOBODY)])), "SELECT responses"),
        # A row that is locked is not updated.
        (response_endings.LOCK, "SELECT responses"),
        ("select c.id from (select id from contexts) c", "SELECT contexts"),
        ("-- from nowhere\ndelete from users where id = $1", "DELETE users"),
        ("", "SQL"),
    ],
)
def test_a_statement_is_named_by_its_verb_and_its_table(sql: str, name: str) -> None:
    assert str(summary(sql)) == name


def test_every_statement_of_the_store_has_a_name() -> None:
    for sql, _ in statements():
        verb, table = summary(sql)
        assert verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert table is None or len(table) > 3, sql
