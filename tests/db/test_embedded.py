"""The embedded server ends with the last process that holds it, however that process ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

HOLDER = """
import sys
from pathlib import Path
from db.embedded import embedded
with embedded(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


class Holder:
    """A process of its own that holds the embedded server until it is told to let go."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def let_go(self) -> None:
        self.process.communicate()

    def killed(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert not server_runs_for(tmp_path, within=10)


def server_runs_for(data_dir: Path, within: float = 0) -> bool:
    """Whether a server runs on the folder; looked at until it does not, for at most `within` seconds."""
    deadline = time.monotonic() + within
    while server := _server(data_dir):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return True
        psutil.wait_procs([server], timeout=remaining)
    return False


def _server(data_dir: Path) -> psutil.Process | None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    if not pid_file.exists():
        return None
    try:
        return psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
    except (psutil.NoSuchProcess, FileNotFoundError, ValueError):
        return None


def test_the_server_stops_when_its_only_holder_lets_go(data_dir: Path) -> None:
    holder = Holder(data_dir)
    assert server_runs_for(data_dir)
    holder.let_go()
    assert not server_runs_for(data_dir)


def test_a_killed_holder_does_not_leave_the_server_running(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.killed()
    assert not server_runs_for(data_dir, within=10)


def test_one_holder_does_not_stop_the_server_of_another(data_dir: Path) -> None:
    first, second = Holder(data_dir), Holder(data_dir)
    assert first.url == second.url
    first.killed()
    # Whether the guard of the first is done or not: the lock of the second forbids it.
    assert server_runs_for(data_dir)
    third = Holder(data_dir)
    third.let_go()
    assert server_runs_for(data_dir)
    second.let_go()
    assert not server_runs_for(data_dir)
