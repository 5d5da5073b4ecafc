"""Which documents are served, and which of them may be asked for by name."""

from __future__ import annotations

from typing import Protocol

from api.door.asked import Asked
from api.door.documents import Documents
from api.door.persisted import Persisted, Unnamed
from api.door.trusted import trusted
from api.settings import Settings


class Library(Protocol):
    """Where the text of a document is found."""

    def text(self, asked: Asked) -> str:
        """The text that is sent, or that the name stands for. Raises `Rejected`."""

    def keep(self, asked: Asked) -> None:
        """Remember a text that was found valid, if it was sent with its name."""


def library(settings: Settings, documents: Documents) -> Library:
    """The library that the settings ask for. Raises `trusted.BadManifest`."""
    if settings.trusted_documents:
        return trusted(settings.trusted_documents, documents)
    return Persisted() if settings.persisted_queries else Unnamed()
