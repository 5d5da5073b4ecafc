"""Metrics of several processes as one: each writes into a folder, and whoever is asked reads all of it.

The library decides when it is imported whether it writes there. The parent makes the folder for its children, and
counts nothing itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, Metric
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


class Together(MultiProcessCollector):
    """Reads what the processes have written. The file of one that has just begun is empty for a moment, and let be."""

    def __init__(self, registry: CollectorRegistry, folder: Path) -> None:
        super().__init__(registry, path=str(folder))  # type: ignore[no-untyped-call]
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in self._folder.glob("*.db") if not _is_empty(file)]
        return self.merge(files, accumulate=True)  # type: ignore[no-any-return, no-untyped-call]


def _is_empty(file: Path) -> bool:
    """Whether there is nothing in it, or no such file any more."""
    try:
        return file.stat().st_size == 0
    except FileNotFoundError:
        return True


def of_all(folder: Path) -> CollectorRegistry:
    """What all processes have counted into the folder."""
    registry = CollectorRegistry()
    Together(registry, folder)
    return registry


def forget_process(pid: int, folder: Path) -> None:
    """A process has ended: what it had just then is gone, what it has counted stays."""
    mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]
