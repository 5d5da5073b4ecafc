"""A port of its own for what Prometheus asks, where no credential is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server


@contextmanager
def served(host: str, port: int | None, registry: CollectorRegistry) -> Iterator[str | None]:
    """Serve the registry in a thread, for the length of the block; gives the URL. Without a port there is none.

    Raises `PortTaken`.
    """
    if port is None:
        yield None
        return
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise PortTaken(error.strerror or str(error)) from error
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class PortTaken(Exception):
    """Nothing can listen at the port; the text says why."""
