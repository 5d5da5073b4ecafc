"""A real Prometheus: the one on the path, or Debian's, unpacked into the virtual environment and not installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fasteners import InterProcessLock

KEPT = Path(sys.prefix) / "prometheus"
PROGRAMS = ("prometheus", "promtool")


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`. Where there is none and none can be had, the test is skipped."""
    if found := shutil.which(name):
        return found
    KEPT.mkdir(exist_ok=True)
    with InterProcessLock(str(KEPT / "lock")):
        if not (KEPT / "usr/bin" / name).exists():
            _unpack()
    if not (KEPT / "usr/bin" / name).exists():
        pytest.skip(f"there is no {name} here, and no Debian to have it from")
    return str(KEPT / "usr/bin" / name)


def _unpack() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    if not _run("apt-get", "download", "prometheus"):
        # A fresh machine does not know yet what there is.
        _run("apt-get", "update")
        _run("apt-get", "download", "prometheus")
    for package in KEPT.glob("prometheus_*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(KEPT))
        package.unlink()


def _run(*command: str) -> bool:
    """Whether it went well, and soon."""
    try:
        done = subprocess.run(command, cwd=KEPT, capture_output=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
