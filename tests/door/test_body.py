"""An answer as it is written."""

from __future__ import annotations

import pytest

from api.door.body import body_of
from db.documents import received


def test_documents_stand_in_it_as_the_store_has_them() -> None:
    document = received(b'\x01{"a": 1.50, "b": [1, 2]}')
    written = body_of({"data": {"node": {"content": document, "other": {"a": 1.5}}}})
    assert written == b'{"data":{"node":{"content":{"a": 1.50, "b": [1, 2]},"other":{"a":1.5}}}}'


def test_what_is_not_json_is_not_written() -> None:
    with pytest.raises(TypeError):
        body_of({"data": {"node": object()}})
