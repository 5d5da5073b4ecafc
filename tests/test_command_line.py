"""The command line as a person uses it: real processes, real output."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from api.__main__ import cli
from db.embedded import Embedded
from tests.credential import KEY, bearing
from tests.databases import TEMPLATE, database, run_sql
from tests.forked import completed
from tests.processes import ROOT, Afresh, Serving, environment


def run(*arguments: str, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, to its end."""
    return completed(*arguments, environment=environment(**settings), folder=cwd)


def run_here(*arguments: str, **settings: str) -> Result:
    """The same without a process of its own, which would take seconds to start: for what ends before it serves."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - environment():
            patch.delenv(name)
        return CliRunner().invoke(cli, arguments, env=environment(**settings))


def asked(server: Serving, query: str, key: str) -> object:
    answer = httpx.post(server.url, json={"query": query}, headers=bearing(key)).json()
    assert "errors" not in answer
    return answer["data"]


def key_in(folder: Path) -> str:
    """The key that the server has made for itself."""
    return (folder / "service-key").read_text().strip()


def is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_serving_starts_its_own_database_keeps_its_data_and_stops_cleanly(
    tmp_path: Path, by: signal.Signals
) -> None:
    first = Afresh(DATA_DIR=str(tmp_path))
    key = key_in(tmp_path)
    made = asked(
        first, 'mutation { upsertUser(input: { externalId: "ada" }) { user { externalId } } }', key
    )
    assert made == {"upsertUser": {"user": {"externalId": "ada"}}}
    code, rest = first.stopped(by)
    assert code == 0
    assert "Traceback" not in rest
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    second = Serving(DATA_DIR=str(tmp_path))
    assert key_in(tmp_path) == key
    counted = asked(second, "{ users { totalCount } }", key)
    assert counted == {"users": {"totalCount": 1}}
    second.stopped(by)
    # It is shown once.
    assert key in first.greeting
    assert key not in second.greeting
    assert str(tmp_path / "service-key") in second.greeting


def test_the_greeting_says_where_graphiql_is_and_gives_an_operation_and_a_key_that_work(
    tmp_path: Path,
) -> None:
    server = Serving(DATA_DIR=str(tmp_path))
    example = re.search(r"Try\s+(.*)", server.greeting)
    key = re.search(r"Key\s+(cql_\w+)", server.greeting)
    assert example
    assert key
    page = httpx.get(server.url, headers={"Accept": "text/html"})
    assert key.group(1) in page.text
    assert asked(server, example.group(1), key.group(1))
    server.stopped()


async def test_other_machines_are_served_only_where_something_says_who_may_ask(
    postgres: Embedded, tmp_path: Path
) -> None:
    async with database(postgres) as url:
        everywhere = {"HOST": "0.0.0.0", "DATA_DIR": str(tmp_path), "DATABASE_URL": url}  # noqa: S104  # on purpose
        await run_sql(url, "update api_keys set revoked_at = now()")
        refused = run("serve", cwd=ROOT, **everywhere)
        assert refused.returncode == 1
        assert len(refused.stderr.strip().splitlines()) == 1
        assert "contextql keys create" in refused.stderr
        await run_sql(url, "update api_keys set revoked_at = null")
        server = Serving(**everywhere)
        address = server.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # on purpose
        async with httpx.AsyncClient() as client:
            page = await client.get(address, headers={"Accept": "text/html"})
            assert "cql_" not in page.text + server.greeting
            asked = {"query": "{ __typename }"}
            answer = await client.post(address, json=asked, headers=bearing(KEY))
        assert answer.json()["data"] == {"__typename": "Query"}
        assert is_empty(tmp_path)
        server.stopped()


async def test_seeding_stores_a_few_users_once(postgres: Embedded) -> None:
    async with database(postgres) as url:
        seeded = run("seed", DATABASE_URL=url)
        assert seeded.returncode == 0, seeded.stderr
        again = await asyncio.to_thread(run_here, "seed", DATABASE_URL=url)
        assert again.exit_code == 0, again.stderr
        await run_sql(url, "select 1 / (count(*) = 3)::int from users")
        await run_sql(url, "select 1 / (count(*) between 10 and 30)::int from contexts")
        await run_sql(
            url, "select 1 / (count(*) = 5)::int from responses where completed_at is not null"
        )
        await run_sql(url, "select 1 / (count(rating) = 2)::int from responses")


async def test_a_user_is_erased_by_external_id_once_it_is_said_that_it_is_meant(
    postgres: Embedded,
) -> None:
    async with database(postgres) as url:
        seeded = await asyncio.to_thread(run_here, "seed", DATABASE_URL=url)
        assert seeded.exit_code == 0, seeded.stderr
        counted = await asyncio.to_thread(run_here, "erase", "--user", "ada", DATABASE_URL=url)
        assert counted.exit_code == 0, counted.stderr
        assert "Nothing was erased" in counted.stdout
        await run_sql(url, "select 1 / (count(*) = 3)::int from users")
        erased = run("erase", "--user", "ada", "--yes", DATABASE_URL=url)
        assert "Erased for good" in erased.stdout, erased.stderr
        assert re.search(r"^ contexts +[1-9]", erased.stdout, re.MULTILINE)
        await run_sql(
            url,
            "select 1 / (count(*) = 2)::int from users",
            "select 1 / (count(distinct user_id) = 2)::int from contexts",
        )
        again = await asyncio.to_thread(
            run_here, "erase", "--user", "ada", "--yes", DATABASE_URL=url
        )
        assert again.exit_code == 1
        assert again.stderr.strip() == "contextql: there is no user 'ada'."


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "many"}, "CONTEXTQL_PORT"),
        ({"HOST": "elsewhere"}, "CONTEXTQL_HOST"),
        ({"DATABASE_URL": "mysql://x"}, "CONTEXTQL_DATABASE_URL"),
        ({"TOKEN_BUDGET": "1"}, "CONTEXTQL_TOKEN_BUDGET"),
        ({"JWT_SECRET": "hidden, and too short"}, "CONTEXTQL_JWT_SECRET"),
        ({"JWT_JWKS_URL": "file:///etc/passwd"}, "CONTEXTQL_JWT_JWKS_URL"),
        ({"JWT_SERVICE_CLAIM": "role"}, "CONTEXTQL_JWT_SERVICE_CLAIM"),
        ({"RETENTION": "a month"}, "CONTEXTQL_RETENTION"),
        ({"RETENTION": '{"conversation": {"days": -1}}'}, "conversation.days"),
        ({"RETENTION": '{"conversation": {}}'}, "say how many"),
        ({"RETENTION": '{"profile": {"days": 30}}'}, "may not name profile"),
        ({"EXPIRY_GRACE": "soon"}, "CONTEXTQL_EXPIRY_GRACE"),
        ({"DELETED_KEEP": "-1"}, "CONTEXTQL_DELETED_KEEP"),
        ({"MODEL": "oracle"}, "CONTEXTQL_MODEL: "),
        ({"MODELS": "extractive, google:gemini-3-flash"}, "pip install 'contextql[google]'"),
        ({"FALLBACK_MODELS": "openai:gpt-5-mini"}, "OPENAI_API_KEY"),
        ({"MODEL_RETRIES": "many"}, "CONTEXTQL_MODEL_RETRIES"),
        ({"EMBEDDING_MODEL": "oracle"}, "CONTEXTQL_EMBEDDING_MODEL"),
        ({"NEXT_EMBEDDING_MODEL": "oracle:any"}, "CONTEXTQL_NEXT_EMBEDDING_MODEL"),
        ({"SUMMARY_MODEL": "openai:any"}, "CONTEXTQL_SUMMARY_MODEL"),
        ({"REDIS_URL": "memcached://localhost"}, "CONTEXTQL_REDIS_URL"),
        ({"REDIS_URL": "redis://:hidden@localhost"}, "CONTEXTQL_REDIS_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_clear_line(
    settings: dict[str, str], words: str, tmp_path: Path
) -> None:
    refused = run_here("serve", **{"DATA_DIR": str(tmp_path), **settings})
    assert refused.exit_code in {1, 2}
    require_one_line(refused.stdout, refused.stderr, words)
    assert is_empty(tmp_path)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "many"}, "CONTEXTQL_PORT"),
        ({"MODEL": "openai:gpt-5-mini"}, "OPENAI_API_KEY"),
        ({"DATABASE_URL": "postgresql://postgres:hidden@127.0.0.1:1/x"}, "CONTEXTQL_DATABASE_URL"),
    ],
)
def test_so_it_does_in_a_process_of_its_own(
    settings: dict[str, str], words: str, tmp_path: Path
) -> None:
    refused = run("serve", cwd=ROOT, **{"DATA_DIR": str(tmp_path), **settings})
    assert refused.returncode in {1, 2}
    require_one_line(refused.stdout, refused.stderr, words)


def require_one_line(stdout: str, stderr: str, words: str) -> None:
    assert len(stderr.strip().splitlines()) == 1
    assert words in stderr
    assert "hidden" not in stderr
    assert stdout == ""


def test_a_folder_that_cannot_hold_the_data_stops_the_start_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "full" / "postgres").mkdir(parents=True)
    (tmp_path / "full" / "postgres" / "junk").touch()
    for folder in ("a-file", "full"):
        refused = run("serve", DATA_DIR=str(tmp_path / folder))
        assert refused.returncode == 1
        assert str(tmp_path / folder) in refused.stderr.strip().splitlines()[-1]
        assert "Traceback" not in refused.stderr


async def test_a_language_that_the_database_does_not_know_stops_the_start(
    postgres: Embedded,
) -> None:
    refused = run("serve", DATABASE_URL=postgres.database_url(TEMPLATE), LANGUAGE="klingon")
    assert refused.returncode == 1
    assert "klingon" in refused.stderr
    assert "simple" in refused.stderr


async def test_tables_that_are_behind_stop_the_start_until_they_are_migrated(
    postgres: Embedded,
) -> None:
    async with database(postgres, template="template0") as url:
        refused = run("serve", DATABASE_URL=url)
        assert refused.returncode == 1
        assert "contextql migrate" in refused.stderr
        migrated = run("migrate", DATABASE_URL=url)
        assert migrated.returncode == 0, migrated.stderr
        seeded = await asyncio.to_thread(run_here, "seed", DATABASE_URL=url)
        assert seeded.exit_code == 0, seeded.stderr


async def test_tables_that_are_ahead_stop_the_start(postgres: Embedded) -> None:
    async with database(postgres) as url:
        await run_sql(url, "update alembic_version set version_num = '9999'")
        refused = run("serve", DATABASE_URL=url)
        assert refused.returncode == 1
        assert "newer" in refused.stderr


def test_settings_are_read_from_a_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CONTEXTQL_PORT=none\n")
    refused = run("serve", cwd=tmp_path)
    assert "CONTEXTQL_PORT" in refused.stderr


def test_the_schema_is_printed_as_it_is_committed() -> None:
    assert run("schema").stdout.strip() == (ROOT / "schema.graphql").read_text().strip()


COMMANDS = ["serve", "migrate", "schema", "seed", "erase", "export", "import", "doctor", "database"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    assert "Example:" in run_here(command, "--help").stdout


def test_without_a_command_it_says_which_there_are() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "api", "--help"],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [command for command in COMMANDS if not re.search(rf"\b{command}\b", told.stdout)] == []
    # What speaks to providers, and what applies migrations, take longer to import than all the rest.
    assert "strawberry" in told.stderr
    assert "pydantic_ai" not in told.stderr
    assert "alembic" not in told.stderr
