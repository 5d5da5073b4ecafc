"""`contextql database`: PostgreSQL's own programs, on the embedded server."""

from __future__ import annotations

from pathlib import Path

from tests.test_command_line import run


def test_a_program_runs_on_the_embedded_server_and_its_exit_code_is_handed_on(
    tmp_path: Path,
) -> None:
    asked = run("database", "psql", "-Atc", "select 6 * 7", DATA_DIR=str(tmp_path))
    assert (asked.returncode, asked.stdout.strip()) == (0, "42")
    wrong = run("database", "psql", "--command", "select nothing", DATA_DIR=str(tmp_path))
    assert wrong.returncode == 1
    assert "nothing" in wrong.stderr
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    unknown = run("database", "../postgres", DATA_DIR=str(tmp_path))
    assert unknown.returncode == 1
    assert "no program" in unknown.stderr


def test_with_a_database_elsewhere_it_says_how_to_reach_that_and_not_where_it_is() -> None:
    refused = run("database", "psql", DATABASE_URL="postgresql://ada:pl4nt3d@127.0.0.1:1/x")
    assert refused.returncode == 1
    assert "--dbname" in refused.stderr
    assert "pl4nt3d" not in refused.stderr
