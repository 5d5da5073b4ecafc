"""Several processes at one port: a parent that serves nothing itself starts them, again if need be, and ends them.

uvicorn's supervisor does the work; what is ours is that each of them sees off what it generates, as a single one does.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import closing
from multiprocessing import parent_process
from pathlib import Path
from socket import socket
from threading import Thread
from types import FrameType

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from api.listen import DrainingServer, configuration, greet, url_of
from api.own_key import OwnKey
from api.settings import Settings
from api.telemetry.metrics.shared import forget_process

logger = logging.getLogger("uvicorn.error")

READY_SECONDS = 0.5
"""How long each is waited for when it is asked whether it serves already."""

TICK_SECONDS = 0.1
"""How long a signal may go unnoticed at the end."""


def listen_together(
    app: Callable[[], ASGIApp],
    settings: Settings,
    own: OwnKey | None,
    folder: Path,
    metrics: str | None,
) -> None:
    """Serve in as many processes as the settings say, until SIGINT or SIGTERM; `app` is made in each of them.

    They count into the folder. Raises `NotServing`.
    """
    config = configuration(app, settings, is_factory=True)
    with closing(config.bind_socket()) as listening:
        workers = Workers(
            config, [listening], folder, lambda: greet(url_of(listening), own, metrics)
        )
        workers.run()
    if workers.has_failed:
        raise NotServing


class NotServing(Exception):
    """The processes could not begin to serve; they have said why."""


class WorkerServer(DrainingServer):
    """The server of one process. Ctrl-C reaches all of them; when to stop the parent says."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


class Worker(Process):
    """One process. It ends with its parent, however that one ends."""

    has_served = False
    _is_asked = False

    def is_well(self) -> bool:
        """Whether it lives, and gives signs of life. Until it serves it is given all the time it takes."""
        self.has_served = self.has_served or self.is_ready(READY_SECONDS)
        patience = self.config.timeout_worker_healthcheck
        return self.process.is_alive() and (not self.has_served or self.ping(patience))

    def _healthcheck(self, timeout: float) -> bool | None:
        # One that is slow to begin must not find hundreds of questions, and be known by its answer to the first.
        try:
            if not self._is_asked:
                self.parent_conn.send(b"ping")
                self._is_asked = True
            if not self.parent_conn.poll(timeout):
                return None
            self._is_asked = False
            return bool(self.parent_conn.recv())
        except (OSError, EOFError):
            return None

    @property
    def server(self) -> Server:
        if self._server is None:
            self._server = WorkerServer(self.config)
        return self._server

    def target(self, sockets: list[socket] | None = None) -> None:
        Thread(target=end_with_parent, daemon=True).start()
        super().target(sockets)


def end_with_parent() -> None:
    """Stop this process as soon as there is no parent any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


class Workers(Multiprocess):
    """All of them. `greet` is called once, when each one serves; what they count is in the folder."""

    has_failed = False
    """They could not begin to serve."""

    def __init__(
        self, config: Config, sockets: list[socket], folder: Path, greet: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._folder = folder
        self._greet = greet
        self._has_greeted = False
        self._workers: list[Worker] = []

    def init_processes(self) -> None:
        self._workers = [self._begun() for _ in range(self.processes_num)]
        self.processes = [*self._workers]

    def keep_subprocess_alive(self) -> None:
        for index, worker in enumerate(self._workers):
            if self.should_exit.is_set():
                return
            if not worker.is_well():
                self._replace(index, worker)
        if not self._has_greeted and all(worker.has_served for worker in self._workers):
            self._has_greeted = True
            self._greet()

    def _replace(self, index: int, worker: Worker) -> None:
        worker.kill()
        worker.join()
        if worker.pid is not None:
            forget_process(worker.pid, self._folder)
        if worker.exitcode == STARTUP_FAILURE:
            # It would fail again and again.
            self.has_failed = True
            self.should_exit.set()
        else:
            logger.warning("Process [%s] has ended and is started again", worker.pid)
            self.processes[index] = self._workers[index] = self._begun()

    def join_all(self) -> None:
        """Wait for their ends. A signal that comes meanwhile hurries them."""
        while alive := [one for one in self.processes if one.process.is_alive()]:
            alive[0].process.join(TICK_SECONDS)
            if {signal.SIGINT, signal.SIGTERM} & set(self.signal_queue):
                self.signal_queue.clear()
                self.terminate_all()

    def handle_hup(self) -> None:
        """The terminal is gone."""
        self.should_exit.set()

    def handle_ttin(self) -> None:
        """How many there are the settings say."""

    def handle_ttou(self) -> None:
        """How many there are the settings say."""

    def _begun(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        # What it inherits holds until its server is there.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            worker.start()
        finally:
            signal.signal(signal.SIGINT, before)
        return worker
