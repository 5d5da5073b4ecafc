"""Rows of many parents, put back together parent by parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from db.paging import Page

Record = TypeVar("Record")
Parent = TypeVar("Parent", bound=Hashable)


def grouped(
    records: Iterable[Record], asked: Page, parent: Callable[[Record], Parent]
) -> dict[Parent, list[Record]]:
    """The rows of each parent in the list's order. A parent without rows is absent.

    The lateral join hands them out parent by parent, each in the order it was read.
    """
    pages: dict[Parent, list[Record]] = defaultdict(list)
    for record in records:
        pages[parent(record)].append(record)
    return {key: asked.in_order(page) for key, page in pages.items()}
