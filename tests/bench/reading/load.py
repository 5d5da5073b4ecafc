"""The load: wrk where there is one, autocannon of the peers otherwise."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).parent
CANNON = HERE.parent / "peers" / "cannon.js"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: requests that were answered in so many seconds; percentiles in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class Failed(Exception):
    """A request was not answered as it should have been."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send what: a file with a body on each line, and the value of `Authorization` if there is one."""

    url: str
    bodies: Path
    authorization: str | None


def generator() -> str:
    """Which one is used."""
    return "wrk" if shutil.which("wrk") else "autocannon"


def put(target: Target, connections: int, seconds: float) -> Load:
    """So many connections, each sending its next request when the last one is answered. Raises `Failed`."""
    run = subprocess.run(
        _command(target, connections, ceil(seconds)), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise Failed(run.stdout + run.stderr)
    told, *why = run.stderr.strip().splitlines()
    found: dict[str, Any] = orjson.loads(told)
    if found.pop("failed") or not found["requests"]:
        raise Failed(f"{target.url}: {told} {' '.join(why)}")
    return Load(**found)


def _command(target: Target, connections: int, seconds: int) -> Sequence[str]:
    sent = [str(target.bodies), *([target.authorization] if target.authorization else [])]
    if generator() == "wrk":
        way = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s"]
        return ["wrk", *way, str(HERE / "rotate.lua"), target.url, "--", *sent]
    return ["node", str(CANNON), target.url, str(connections), str(seconds), *sent]
