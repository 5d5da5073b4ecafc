"""The name of a request, by which its answer, its errors and its log line find each other."""

from __future__ import annotations

import re

from uuid_utils import uuid7

HEADER = "X-Request-ID"

FIELD = HEADER.lower().encode()
"""The same as it stands in a head."""

_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)


def request_id(given: str | None) -> str:
    """The id that the client gave, if it is a sane one, or a new one."""
    return given if given and _SANE.fullmatch(given) else uuid7().hex
