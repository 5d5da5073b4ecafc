"""Servers in processes of their own, as a person starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.forked import Forked

ROOT = Path(__file__).parent.parent


def environment(**settings: str) -> dict[str, str]:
    """The environment with only these settings of ours in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTEXTQL_")}
    return {
        **kept,
        "COLUMNS": "200",
        **{f"CONTEXTQL_{name}": value for name, value in settings.items()},
    }


class Serving:
    """A server in a process of its own: `contextql serve`, or another module that serves and greets like it."""

    def __init__(self, *command: str, **settings: str) -> None:
        self.process = self._begun(
            *(command or ("api", "serve")), environment=environment(**{"PORT": "0", **settings})
        )
        assert self.process.stdout is not None
        self._output = self.process.stdout
        self.greeting = ""
        while line := self._output.readline():
            self.greeting += line
            if "Ctrl-C" in line:
                break
        self._said: list[str] = []
        self._listening = Thread(target=self._listen, daemon=True)
        self._listening.start()

    @staticmethod
    def _begun(*command: str, environment: dict[str, str]) -> subprocess.Popen[str] | Forked:
        return Forked(*command, environment=environment)

    @property
    def url(self) -> str:
        """Where GraphQL is."""
        return f"{self.address}/graphql"

    @property
    def address(self) -> str:
        found = re.search(r"http://[\d.]+:\d+", self.greeting)
        assert found, self.greeting
        return found.group()

    def stopped(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit code and what else it said."""
        self.process.send_signal(by)
        return self.ended()

    def killed(self) -> None:
        """Ended without any farewell."""
        self.process.kill()
        self.ended()

    def ended(self) -> tuple[int, str]:
        """As `stopped`, for one that was told already."""
        code = self.process.wait(timeout=30)
        self._listening.join()
        self._output.close()
        return code, "".join(self._said)

    def _listen(self) -> None:
        # All of it, all the time: a pipe that is full would stop the server.
        self._said.extend(self._output)


class Afresh(Serving):
    """One that is started from nothing, as a person does, and has its imports still before it."""

    @staticmethod
    def _begun(*command: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextmanager
def paced_server(database_url: str, **settings: str) -> Iterator[Serving]:
    """A server on that database whose model counts aloud; killed at the end if it still runs."""
    server = Serving("tests.paced_server", DATABASE_URL=database_url, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.killed()
