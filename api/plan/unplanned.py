"""What no plan can say."""

from __future__ import annotations


class Unplanned(Exception):
    """The operation is left to graphql-core, for whatever reason: a field that no plan is made of, or an error."""
