"""An answer as it is written: JSON in UTF-8, in which the documents of the store stand as the store has written them.

So do they where PostgreSQL has written all of an object, and nobody has looked into it.
"""

from __future__ import annotations

from typing import Any

import orjson

from db.documents import Document


def body_of(answer: Any) -> bytes:
    """The text of an answer; also of its data alone."""
    return orjson.dumps(answer, default=_as_stored, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def _as_stored(value: object) -> Any:
    if isinstance(value, Document):
        return orjson.Fragment(value.text)
    raise TypeError
