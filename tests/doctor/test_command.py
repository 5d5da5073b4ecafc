"""`contextql doctor` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from api.doctor.commands import table
from api.doctor.finding import fail, ok
from db.embedded import Embedded
from tests.databases import database, run_sql
from tests.test_command_line import run

PLANTED = "pl4nt3d"


def told(output: str) -> dict[str, Any]:
    """The findings of `--json`, by name."""
    return {one["name"]: one for one in json.loads(output)["findings"]}


def test_it_starts_the_embedded_server_and_makes_no_tables(tmp_path: Path) -> None:
    for _ in range(2):
        looked = run("doctor", "--json", DATA_DIR=str(tmp_path))
        assert looked.returncode == 0, looked.stderr
        assert json.loads(looked.stdout)["state"] == "warn"
        found = told(looked.stdout)
        assert found["database"]["state"] == "ok"
        assert found["migrations"]["detail"] == "there are no tables yet"
        assert "GiB free" in found["disk"]["detail"]
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_an_embedded_server_that_does_not_start_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir(parents=True)
    (tmp_path / "postgres" / "junk").touch()
    looked = run("doctor", "--json", DATA_DIR=str(tmp_path))
    assert looked.returncode == 1
    assert told(looked.stdout)["database"]["state"] == "fail"
    assert told(looked.stdout)["model extractive"]["state"] == "ok"


async def test_it_prints_a_line_for_each_finding_and_no_secret(postgres: Embedded) -> None:
    async with database(postgres) as url:
        await run_sql(url, "drop index contexts_terms")
        at, _, parameters = url.partition("?")
        with_secret = f"{at}?password={PLANTED}&{parameters}"
        looked = run(
            "doctor",
            DATABASE_URL=with_secret,
            JWT_SECRET=PLANTED * 6,
            REDIS_URL=f"redis://:{PLANTED}@127.0.0.1:1/0",
            JWT_JWKS_URL=f"http://ada:{PLANTED}@127.0.0.1:1/jwks?key={PLANTED}",
            MODELS="openai:gpt-5-mini",
        )
    assert looked.returncode == 1
    lines = looked.stdout.splitlines()
    assert all(line.split()[0] in {"ok", "warn", "fail"} for line in lines)
    states = {line[6:].partition(":")[0]: line.split()[0] for line in lines}
    assert states["indexes"] == states["redis"] == states["issuer of tokens"] == "fail"
    assert states["migrations"] == "ok"
    assert "\x1b" not in looked.stdout
    assert PLANTED not in looked.stdout + looked.stderr
    assert "Traceback" not in looked.stderr


def test_a_url_that_cannot_be_read_is_not_repeated() -> None:
    looked = run("doctor", DATABASE_URL=f"postgresql://ada:{PLANTED}/x@host/y")
    assert looked.returncode == 1
    assert "cannot be read" in looked.stdout
    assert PLANTED not in looked.stdout + looked.stderr


def test_settings_that_are_wrong_are_findings(tmp_path: Path) -> None:
    looked = run("doctor", "--json", JWT_SECRET=PLANTED, PORT="many", cwd=Path.cwd())
    assert looked.returncode == 1
    findings = json.loads(looked.stdout)["findings"]
    assert [one["state"] for one in findings] == ["fail", "fail"]
    assert {one["detail"].partition(":")[0] for one in findings} == {
        "CONTEXTQL_JWT_SECRET",
        "CONTEXTQL_PORT",
    }
    assert PLANTED not in looked.stdout + looked.stderr


def test_in_a_terminal_it_is_a_table_with_remedies() -> None:
    console = Console(width=120, force_terminal=True, record=True)
    console.print(table([ok("redis", "it [answers]"), fail("disk", "full", "make room")]))
    text = console.export_text()
    assert "what to do" in text
    assert "it [answers]" in text
    assert "make room" in text
