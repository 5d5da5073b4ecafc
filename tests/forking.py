"""Where the processes of tests come from: it has imported all that the server is made of, and divides.

What they become is a process of its own in every way that the tests look at: its environment, its arguments, its
descriptors, its signals, its exit code. Only the seconds of importing the code it has behind it. A few tests start one
from nothing, as a person does (`afresh`).
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import socket
import sys
from typing import Any, NoReturn

import api.__main__

DESCRIPTORS = 4
"""Standard input, output and error of the process, and where its pid and its exit code are told."""


def serve(asked: socket.socket) -> None:
    """Divide for each wish, until nobody wishes any more."""
    # Nobody asks how those end that only wait for the process itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        wish, descriptors, _, _ = socket.recv_fds(asked, 2**20, DESCRIPTORS)
        if not wish:
            return
        if os.fork() == 0:
            asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            watch(json.loads(wish), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        asked.sendall(b"+")


def watch(wish: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Begin the process, tell its pid, wait for its end, and tell how it ended."""
    *standard, told = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(told)
        become(wish, standard)
    for descriptor in standard:
        os.close(descriptor)
    os.write(told, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def become(wish: dict[str, Any], standard: list[int]) -> NoReturn:
    """Be the process that is wished for."""
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(wish["environment"])
    os.chdir(wish["folder"])
    sys.argv = [wish["module"], *wish["arguments"]]
    code = ended(wish["module"])
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def ended(module: str) -> int:
    """Run the module to its end; its exit code."""
    try:
        if module == "api":
            api.__main__.main()
        else:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException:  # noqa: BLE001  # as the interpreter does
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as wishes:
        serve(wishes)
