"""Who the user is, in one document of any shape."""

from __future__ import annotations

from api.context_types.generic import rendered
from api.context_types.shape import ContextType, Shape

PROFILE = ContextType("profile", Shape, rendered)
