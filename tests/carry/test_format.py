"""docs/export.md says what a file is made of; it is held against the lines."""

from __future__ import annotations

import json
from typing import get_args

from api.carry import lines
from db.export import LINES
from db.pool import Database
from tests.carry.carrying import imported, rows, sealed_anew
from tests.processes import ROOT
from tests.tables import rows as table
from tests.test_docs import blocks

PAGE = (ROOT / "docs" / "export.md").read_text()


def test_the_table_of_kinds_is_the_kinds() -> None:
    kinds = (lines.Header, *get_args(lines.Row), lines.Seal, lines.Trailer)
    told = {
        kind.strip("`"): {key.strip("` ") for key in keys.split(",")}
        for kind, keys in table(PAGE, "| kind | keys |")
    }
    assert told == {
        get_args(model.model_fields["kind"].annotation)[0]: set(model.model_fields) - {"kind"}
        for model in kinds
    }
    assert list(told)[1:-2] == list(LINES)


async def test_the_example_is_a_file(db: Database) -> None:
    (example,) = blocks(PAGE, "json")
    await imported(db, sealed_anew(json.loads(line) for line in example.splitlines()))
    found = await rows(db)
    assert [row["content"] for row in found["contexts"]] == ['{"text": "Ada drinks tea."}']
    assert found["users"][0]["external_id"] == "ada"
