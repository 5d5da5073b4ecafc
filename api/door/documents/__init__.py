"""From the text of a request to an operation that may be executed: small enough, parsed, cheap enough, and valid."""

from __future__ import annotations

from api.door.documents.pipeline import Documents
from api.door.documents.prepared import Prepared, PreparedDocument, Rejected

__all__ = ["Documents", "Prepared", "PreparedDocument", "Rejected"]
