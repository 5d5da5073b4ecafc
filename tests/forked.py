"""Processes that are forked instead of started: see `tests.forking`."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO

ROOT = Path(__file__).parent.parent


class Source:
    """The process that divides."""

    def __init__(self) -> None:
        self._asking, theirs = socket.socketpair()
        self._lock = Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forking", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
            )
        atexit.register(self.close)

    def ask(self, wish: Mapping[str, object], descriptors: Sequence[int]) -> None:
        with self._lock:
            socket.send_fds(self._asking, [json.dumps(wish).encode()], descriptors)
            assert self._asking.recv(1) == b"+"

    def close(self) -> None:
        self._asking.close()
        self._process.wait()


@cache
def source() -> Source:
    """One for the whole test run."""
    return Source()


class Forked:
    """A process. It has what tests use of a `Popen`."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        folder: Path = ROOT,
        apart: bool = False,
    ) -> None:
        """What it says as an error goes where the rest goes, unless it is to be kept `apart`."""
        self.returncode: int | None = None
        wish = {
            "module": module,
            "arguments": arguments,
            "environment": dict(environment),
            "folder": str(folder),
        }
        out, out_there = os.pipe()
        err, err_there = os.pipe() if apart else (None, os.dup(out_there))
        told, told_there = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        there = [nothing, out_there, err_there, told_there]
        try:
            source().ask(wish, there)
        finally:
            for one in there:
                os.close(one)
        self.stdout: IO[str] = os.fdopen(out)
        self.stderr: IO[str] | None = os.fdopen(err) if err is not None else None
        self._told: IO[str] = os.fdopen(told)
        self.pid = int(self._told.readline())

    def send_signal(self, by: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, by)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self._hear()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises `TimeoutError`."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise TimeoutError
            self._hear()
        assert self.returncode is not None
        return self.returncode

    def _hear(self) -> None:
        self.returncode = int(self._told.readline())
        self._told.close()


def completed(
    *arguments: str, environment: Mapping[str, str], folder: Path = ROOT, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """`contextql` with these arguments, to its end."""
    process = Forked("api", *arguments, environment=environment, folder=folder, apart=True)
    assert process.stderr is not None
    with process.stdout as out, process.stderr as err, ThreadPoolExecutor(2) as reading:
        said = reading.submit(out.read), reading.submit(err.read)
        try:
            code = process.wait(timeout)
        except TimeoutError:
            process.kill()
            raise
        return subprocess.CompletedProcess(arguments, code, *(one.result() for one in said))
