"""Queries made from the schema for a world: a few of each that hypothesis-graphql makes, each one otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random

from graphql import DocumentNode

from tests.generated.aim import World, aimed
from tests.generated.easing import ease
from tests.generated.growing import Growing
from tests.generated.spoiling import spoil
from tests.generated.tree import Tree, read
from tests.generated.twists import twist

SPOILED = 0.3
"""How many have something in them that is refused, most often."""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes trees of documents, in that world."""

    world: World
    random: Random

    def grown(self, document: DocumentNode) -> Tree:
        tree = read(aimed(document, self.world, self.random))
        ease(tree, self.random)
        Growing(self.world, self.random).grow(tree)
        if self.random.random() < SPOILED:
            spoil(tree, self.random)
        return tree

    def twisted(self, tree: Tree, times: int) -> Iterator[Tree]:
        for _ in range(times):
            one = deepcopy(tree)
            twist(one, self.random)
            yield one
