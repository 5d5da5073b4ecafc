"""Metrics of several processes as one: each writes into a folder, and whoever is asked reads all of it.

The library decides when it is imported whether it writes there. The parent makes the folder for its children, and
counts nothing itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that the library looks for."""


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder that the processes count into which are started within the block."""
    with TemporaryDirectory(prefix="contextql-metrics-") as name:
        os.environ[FOLDER] = name
        try:
            yield Path(name)
        finally:
            del os.environ[FOLDER]


def of_all(folder: Path) -> CollectorRegistry:
    """What all processes have counted into the folder."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return registry


def forget_process(pid: int, folder: Path) -> None:
    """A process has ended: what it had just then is gone, what it has counted stays."""
    mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]
