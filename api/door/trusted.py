"""Deployments that serve the documents of a manifest, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

from api.door.asked import Asked
from api.door.document_id import hashed, is_hash, of_hash
from api.door.documents import Documents, Rejected
from api.errors import DocumentNotTrusted

APOLLO = "apollo-persisted-query-manifest"


class BadManifest(Exception):
    """The manifest cannot be served; `problems` say why, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Trusted:
    """The texts of a manifest, each found by its name there, by its hash, and by itself."""

    def __init__(self, manifest: Mapping[str, str]) -> None:
        self._texts: dict[str, str] = {}
        for id, text in manifest.items():
            names = {id, hashed(text)} | ({of_hash(id)} if is_hash(id) else set())
            self._texts |= dict.fromkeys(names, text)

    def text(self, asked: Asked) -> str:
        found = self._texts.get(hashed(asked.query) if asked.query else asked.document_id or "")
        if found is None:
            raise Rejected.because(DocumentNotTrusted())
        return found

    def keep(self, asked: Asked) -> None:
        pass


def trusted(path: Path, documents: Documents) -> Trusted:
    """The manifest, each of its documents found fit for the graph. Raises `BadManifest`."""
    manifest = _read(path)
    if problems := [
        f"{id}: {problem}"
        for id, text in manifest.items()
        for problem in _problems(documents, id, text)
    ]:
        raise BadManifest(problems)
    return Trusted(manifest)


def _read(path: Path) -> dict[str, str]:
    try:
        written = orjson.loads(path.read_bytes())
    except OSError as error:
        raise BadManifest([f"{path} cannot be read: {error.strerror}."]) from error
    except orjson.JSONDecodeError as error:
        raise BadManifest([f"{path} is not JSON: {error}."]) from error
    manifest = _of_apollo(written) if _is_of_apollo(written) else written
    if not isinstance(manifest, dict) or not all(
        isinstance(text, str) for text in manifest.values()
    ):
        raise BadManifest(
            [f"{path} must be an object of documents by name, or the manifest of Apollo."]
        )
    return manifest


def _is_of_apollo(written: Any) -> bool:
    return isinstance(written, dict) and written.get("format") == APOLLO


def _of_apollo(written: dict[str, Any]) -> Any:
    try:
        return {one["id"]: one["body"] for one in written["operations"]}
    except (KeyError, TypeError):
        return None


def _problems(documents: Documents, id: str, text: str) -> Iterator[str]:
    if id.startswith("sha256:") and id != hashed(text):
        yield f"the hash of its text is {hashed(text)}"
    try:
        for name in _operations(text) or [None]:
            documents.prepared(text, name, {})
    except GraphQLSyntaxError as error:
        yield error.message
    except Rejected as rejected:
        yield from (one.message for one in rejected.errors)


def _operations(text: str) -> list[str | None]:
    return [
        node.name.value if node.name else None
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode)
    ]
