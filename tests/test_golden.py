"""Whole operations on seeded data: what they cost in statements, and what they answer.

`golden/<name>.graphql` begins with the number of statements; `golden/<name>.json` is the answer, with ids, cursors
and times replaced by what they are. `GOLDEN=write make check` writes the answers anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from api.schema.identity import Kind, global_id
from api.seed import seed_all
from db import contexts, conversations, users
from db.paging import Page
from tests.asking import Asker

GOLDEN = Path(__file__).parent / "golden"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


async def known_ids(asker: Asker) -> dict[str, str]:
    """The ids that an operation may name in its variables, written `<name>`."""
    db = asker.server.db
    ada = users.id_of(db, "ada")
    profile = (await contexts.profiles(db, [ada]))[ada]
    (talk,) = (await conversations.pages_by_user(db, [ada], Page(1)))[ada]
    return {
        "<ada>": global_id(Kind.User, ada, ada),
        "<ada.profile>": global_id(Kind.Context, ada, profile.id),
        "<ada.conversation>": global_id(Kind.Conversation, ada, talk.id),
    }


def normal(value: Any, key: str = "") -> Any:
    """The answer with what differs from run to run named by what it is."""
    match value:
        case dict():
            return {name: normal(inner, name) for name, inner in value.items()}
        case list():
            return [normal(inner, key) for inner in value]
        case str() if key in {"id", "cursor", "startCursor", "endCursor"}:
            return f"<{key}>"
        case str():
            return re.sub(r"\d{4}-\d\d-\d\d", "<date>", _TIME.sub("<time>", value))
        case float():
            return round(value, 3)
        case _:
            return value


GOLDENS = {path: path.read_text() for path in sorted(GOLDEN.glob("*.graphql"))}


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
async def test_the_operation_costs_and_answers_as_before(
    path: Path, asker: Asker, statements: list[str]
) -> None:
    await seed_all(asker.server.db)
    source = GOLDENS[path]
    allowed = int(re.findall(r"^# statements: (\d+)$", source, re.MULTILINE)[0])
    variables = "".join(re.findall(r"^# variables: (.*)$", source, re.MULTILINE)) or "{}"
    for name, id in (await known_ids(asker)).items():
        variables = variables.replace(name, id)
    statements.clear()
    answer = normal(await asker.ask(source, **json.loads(variables)))
    assert len(statements) == allowed, "\n".join(statements)
    compare(path.with_suffix(".json"), answer)


def compare(expected: Path, answer: Any) -> None:
    if os.environ.get("GOLDEN") == "write":
        expected.write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    assert answer == json.loads(expected.read_text())
