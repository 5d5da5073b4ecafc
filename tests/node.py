"""The folder of what runs in Node: the clients of the docs and the official audits, with what they need installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fasteners import InterProcessLock

from tests.processes import ROOT

CLIENTS = ROOT / "tests" / "clients"

NEEDS_NODE = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="there is no Node here"
)

UNREACHABLE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH")


def installed_clients(lock: Path) -> Path:
    """The folder, with its packages; `lock` is a file that only one test process holds at a time."""
    with InterProcessLock(lock):
        wanted = CLIENTS / "package-lock.json"
        there = CLIENTS / "node_modules" / ".package-lock.json"
        if not there.exists() or there.stat().st_mtime < wanted.stat().st_mtime:
            _install()
    return CLIENTS


def _install() -> None:
    said = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=CLIENTS,
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if UNREACHABLE.search(said.stderr):
        pytest.skip("there is no way to the clients from here")
    assert said.returncode == 0, said.stderr
