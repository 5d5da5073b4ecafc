"""What is promised in writing is checked: the README's operations, its tables, its commands, and the links."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.asking import Asker, the_graph
from tests.tables import rows
from tests.test_golden import normal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page: page.read_text() for page in PAGES}
MAKEFILE = (ROOT / "Makefile").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


async def test_the_operations_of_the_readme_answer_as_it_says(asker: Asker) -> None:
    operations, answers = blocks(README, "graphql"), blocks(README, "json")
    assert len(operations) == len(answers) >= 3
    variables: dict[str, Any] = {}
    for operation, expected in zip(operations, answers, strict=True):
        used = variables if "$user" in operation else {}
        answer = await asker.ask(operation, **used)
        assert normal(answer) == normal(json.loads(expected))
        if "upsertUser" in operation:
            variables = {"user": answer["data"]["upsertUser"]["user"]["id"]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_every_operation_in_the_docs_is_valid(page: Path, asker: Asker) -> None:
    for operation in blocks(TEXTS[page], "graphql"):
        answer = await asker.ask(operation)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        # Without their variables they do not run; but they fit the schema and its limits.
        assert codes <= {"BAD_USER_INPUT"}, (page, operation, answer)


def written_default(default: object) -> str:
    match default:
        case None | ():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
        case float():
            return f"`{default:g}`"
        case dict():
            return f"`{json.dumps(default)}`"
        case _:
            return f"`{default}`"


def test_the_table_of_settings_is_the_settings() -> None:
    expected = [
        [f"`CONTEXTQL_{name.upper()}`", written_default(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert rows(README, "| setting | default | what it is |") == expected


def test_the_table_of_error_codes_is_the_errors() -> None:
    codes: Any = the_graph()._schema.type_map["ErrorCode"]
    expected = [[f"`{name}`", value.description] for name, value in codes.values.items()]
    assert rows(README, "| code | what it means |") == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_every_make_command_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXTS[page]):
        assert (page.parent / target).exists(), target
    for command in re.findall(r"`(?:[A-Z]+=\w+ )?make ([a-z]+)", TEXTS[page]):
        assert re.search(rf"^{command}:", MAKEFILE, re.MULTILINE), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXTS[page]):
        source = (ROOT / path).read_text()
        assert not name or re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), name


def test_every_promise_of_the_page_about_security_names_its_test() -> None:
    promises = rows(TEXTS[ROOT / "docs" / "security.md"], "| promise | held by |")
    assert len(promises) >= 20
    for promise, test in promises:
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", test), promise


def test_no_file_names_a_package_registry() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert re.findall(r"^[a-z0-9-]+==[^\\]*\\\n    --hash=sha256:", text, re.MULTILINE)
    for_node = (ROOT / "tests" / "clients" / "package-lock.json").read_text()
    assert "://" not in for_node
    assert '"integrity": "sha512-' in for_node
