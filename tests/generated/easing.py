"""A tree, eased: hypothesis-graphql gives every argument something, and all together leave little to be found."""

from __future__ import annotations

from random import Random

from graphql import is_required_argument

from tests.generated.tree import Tree, levels

GIVEN = 0.3
"""How many arguments stay that need not be given."""


def ease(tree: Tree, random: Random) -> None:
    for level in levels(tree):
        for one in level.fields:
            for name, argument in level.arguments(one).items():
                if not is_required_argument(argument) and random.random() > GIVEN:
                    one.given.pop(name, None)
