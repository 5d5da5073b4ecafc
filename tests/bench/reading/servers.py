"""The servers, each in a process of its own over the same PostgreSQL, with a pool of eight connections a process."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil

from tests.bench.reading.workloads import Workload
from tests.credential import AUTHORIZATION
from tests.processes import ROOT, environment

PEERS = ROOT / "tests" / "bench" / "peers"
NODE = "node"
POOL = 8


@dataclass(frozen=True, slots=True)
class Server:
    """How a server is started, and where and how it is asked."""

    name: str
    title: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    by_path: bool = False
    """Whether each workload has a path of its own, instead of all being asked at `/graphql`."""
    leaves_out: frozenset[str] = frozenset()
    """The workloads that it has no answer to."""
    least_node: int = 0
    """The oldest Node that it runs on, if it runs on Node."""

    def path(self, workload: Workload) -> str:
        return f"/{workload.name}" if self.by_path else "/graphql"


def uvicorn(app: str) -> tuple[str, ...]:
    quiet = ("--no-access-log", "--log-level", "warning")
    return (sys.executable, "-m", "uvicorn", app, "--loop", "uvloop", "--http", "httptools", *quiet)


PAGES_APART = frozenset({"Q5a", "Q5b"})

SERVERS = [
    Server(
        "contextql",
        "ContextQL",
        (sys.executable, "-m", "api", "serve"),
        {
            "CONTEXTQL_POOL_SIZE": str(POOL),
            # As many as are ever asked: they are counted all the same.
            "CONTEXTQL_SERVICE_RATE_LIMIT": str(2**31 - 1),
            "CONTEXTQL_LOG_FORMAT": "json",
        },
        AUTHORIZATION,
    ),
    Server(
        "naive",
        "Strawberry and dataloaders",
        uvicorn("tests.bench.peers.naive:app"),
        leaves_out=PAGES_APART,
    ),
    Server(
        "mercurius",
        "Mercurius, JIT",
        (NODE, str(PEERS / "mercurius.js")),
        leaves_out=PAGES_APART,
        least_node=20,
    ),
    Server(
        "postgraphile",
        "PostGraphile 5",
        (NODE, str(PEERS / "postgraphile.js")),
        {"GRAPHILE_ENV": "production"},
        leaves_out=PAGES_APART,
        least_node=22,
    ),
    Server("raw", "the limit", uvicorn("tests.bench.peers.raw:app"), by_path=True),
]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at this address, and the PostgreSQL that it asks."""

    server: Server
    address: str
    process: psutil.Process
    postgres: psutil.Process

    def memory(self) -> int:
        """Bytes that it and its workers have in memory."""
        return sum(one.memory_info().rss for one in _with_children(self.process))

    def computed(self) -> tuple[float, float]:
        """Seconds of a processor: those that it and its workers have taken, and those of PostgreSQL."""
        return _computed(self.process), _computed(self.postgres)


def _computed(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in _with_children(process)]
    # What has ended meanwhile is in the account of its parent.
    return sum(one.user + one.system for one in times) + (
        times[0].children_user + times[0].children_system
    )


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def wanted(names: str | None) -> list[Server]:
    """Those that are named, or all; without those that this machine cannot start, of which it tells."""
    some = [one for one in SERVERS if not names or one.name in names.split(",")]
    return [one for one in some if _can_be_started(one)]


def _can_be_started(server: Server) -> bool:
    if not server.least_node or (_node_is(server.least_node) and (PEERS / "node_modules").is_dir()):
        return True
    print(
        f"{server.title} is left out: it needs Node {server.least_node}; `make bench-read` sees to that."
    )
    return False


def _node_is(least: int) -> bool:
    if not shutil.which(NODE):
        return False
    version = subprocess.check_output([NODE, "-p", "process.versions.node"], text=True)
    return int(version.split(".")[0]) >= least


@contextmanager
def started(server: Server, database_url: str, workers: int, log: Path) -> Iterator[Running]:
    """The server, listening; stopped at the end. The URL is that of an embedded PostgreSQL."""
    port = _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            _with_workers(server, port, workers),
            cwd=ROOT,
            env=_environment(server, database_url, port, workers),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(process, address, log)
            yield Running(server, address, psutil.Process(process.pid), _postmaster(database_url))
        finally:
            _stop(process)


def _postmaster(database_url: str) -> psutil.Process:
    file = Path(_socket_folder(database_url)) / "postmaster.pid"
    return psutil.Process(int(file.read_text().splitlines()[0]))


def _socket_folder(database_url: str) -> str:
    return parse_qs(urlsplit(database_url).query)["host"][0]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _with_workers(server: Server, port: int, workers: int) -> list[str]:
    program, *rest = server.command
    if "uvicorn" in rest:
        return [program, *rest, "--port", str(port), "--workers", str(workers)]
    return [_node() if program == NODE else program, *rest]


def _node() -> str:
    """The program itself: that of PyPI's Node is behind a script, which would be measured with it."""
    found = subprocess.check_output([NODE, "-p", "process.execPath"], text=True)
    return found.strip()


def _environment(server: Server, database_url: str, port: int, workers: int) -> dict[str, str]:
    """What each kind of server reads: ours, those in Python, and those in Node with PostgreSQL's own variables."""
    url = urlsplit(database_url)
    ours = {"DATABASE_URL": database_url, "PORT": str(port), "WORKERS": str(workers)}
    reached = {
        "PGHOST": _socket_folder(database_url),
        "PGUSER": url.username or "postgres",
        "PGDATABASE": url.path[1:],
        "NODE_ENV": "production",
    }
    return {**environment(**ours), **ours, **reached, **server.settings}


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{process.args!r} does not answer:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """It, and whatever of its workers it leaves."""
    with suppress(psutil.NoSuchProcess):
        workers = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        for one in psutil.wait_procs(workers, timeout=5)[1]:
            one.kill()
    process.kill()
    process.wait()
