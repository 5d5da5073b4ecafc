"""A tree, turned to other pages: the cursors of its own answer stand where the lists are asked for again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from tests.generated.tree import Field, Selection, Tree


def turn(tree: Tree, data: Mapping[str, Any], random: Random) -> bool:
    """Ask for what stands before or after some place that the answer had; tells whether there was any."""
    turned = False
    for asked, cursors in list(_lists(tree.below, data)):
        if random.random() < 0.8:
            side = random.choice(("after", "before"))
            asked.given[side] = json.dumps(random.choice(cursors))
            turned = True
    return turned


def _lists(below: list[Selection], data: Mapping[str, Any]) -> Iterator[tuple[Field, list[str]]]:
    """The lists of the answer that have only one parent: a cursor of one list fits no other."""
    for one in below:
        if not isinstance(one, Field):
            yield from _lists(one.below, data)
            continue
        value = data.get(one.key)
        if not isinstance(value, dict):
            continue
        cursors = _cursors(value)
        if cursors and _is_list(one):
            yield one, cursors
        yield from _lists(one.below, value)


def _is_list(asked: Field) -> bool:
    names = {one.name for one in asked.below if isinstance(one, Field)}
    return asked.name != "search" and bool(names & {"edges", "pageInfo"})


def _cursors(value: Mapping[str, Any]) -> list[str]:
    """What is a cursor of this list by its key; those of the lists below stand deeper."""
    found = []
    for one in value.values():
        for each in one if isinstance(one, list) else [one]:
            if isinstance(each, dict):
                found += [
                    text for key, text in each.items() if text and key.lower().endswith("cursor")
                ]
    return found
