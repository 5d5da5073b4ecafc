"""A tree, twisted: the same is asked in another way, or a little else, as hypothesis-graphql does not do by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.generated.tree import Field, Fragment, Level, Selection, Tree, levels
from tests.generated.variables import use_variables

FLAGS = {
    "yes": ("Boolean!", True),
    "no": ("Boolean!", False),
    "usuallyYes": ("Boolean! = true", None),
    "usuallyNo": ("Boolean! = false", None),
    "otherwiseYes": ("Boolean! = false", True),
    "maybe": ("Boolean = true", None),
}
"""Variables of directives: how each is declared, and what it is given, if anything."""


def copied(one: Selection, random: Random | None = None) -> Selection:
    """The same once more, or only some of what is asked there. What has a name is still one thing."""
    if isinstance(one, Fragment) and one.name:
        return replace(one)
    below = one.below
    if random and below:
        below = random.sample(below, random.randint(1, len(below)))
    again: Selection = replace(one, below=[copied(each) for each in below])
    if isinstance(again, Field):
        again.given = dict(again.given)
    return again


def say_types(tree: Tree, random: Random) -> None:
    """`__typename`, with an alias or without."""
    for level in _some(tree, random, 0.3):
        alias = random.choice(("", "", "kind", "what"))
        _insert(level, Field("__typename", alias=alias), random)


def ask_again(tree: Tree, random: Random) -> None:
    """A field once more under another key, with other fields below."""
    for number, level in enumerate(_some(tree, random, 0.2)):
        if level.fields:
            again = copied(random.choice(level.fields), random)
            assert isinstance(again, Field)
            again.alias = f"again{number}"
            _insert(level, again, random)


def repeat(tree: Tree, random: Random) -> None:
    """A field once more under the same key, with some of the fields below: they become one."""
    for level in _some(tree, random, 0.2):
        if level.selections:
            _insert(level, copied(random.choice(level.selections), random), random)


def put_in_fragments(tree: Tree, random: Random) -> None:
    """Fields that stand side by side are asked for in an inline fragment."""
    for level in _some(tree, random, 0.3):
        if level.kind.name != "Node" and random.random() < 0.2 and (ids := _ids(level)):
            _insert(level, Fragment("Node", ids), random)
        elif taken := _taken(level, random):
            _insert(level, Fragment(random.choice(("", level.kind.name)), taken), random)


def name_fragments(tree: Tree, random: Random) -> None:
    """Fields become a fragment with a name, which is spread where they stood, and elsewhere."""
    found = levels(tree)
    for number, level in enumerate(_some(tree, random, 0.2)):
        taken = _taken(level, random)
        if not taken:
            continue
        fragment = Fragment(level.kind.name, taken, f"F{number}")
        alike = [one for one in found if one.kind is level.kind]
        for where in (level, *random.sample(alike, random.randint(0, min(2, len(alike))))):
            # One that has itself in it is not valid.
            if not _within(where, fragment):
                _insert(where, replace(fragment), random)


def _within(level: Level, one: Selection) -> bool:
    return level.selections is one.below or any(_within(level, each) for each in one.below)


def direct(tree: Tree, random: Random) -> None:
    """`@skip` and `@include`, by literals and by variables, on whatever can have them."""
    for level in _some(tree, random, 0.3):
        if not level.selections:
            continue
        one = random.choice(level.selections)
        names = random.sample(["skip", "include"], random.choice((1, 1, 2)))
        # What is left out altogether proves little.
        usual = {"skip": ["false", "$no", "$usuallyNo"], "include": ["true", "$yes", "$usuallyYes"]}
        others = [*(f"${name}" for name in FLAGS), "true", "false"]
        chosen = {
            name: random.choice(usual[name] if random.random() < 0.6 else others) for name in names
        }
        one.directives = " ".join(f"@{name}(if: {value})" for name, value in chosen.items())
        for value in chosen.values():
            if value[0] == "$":
                _declare(tree, value[1:])


def _declare(tree: Tree, name: str) -> None:
    kind, value = FLAGS[name]
    tree.declared[name] = kind
    if value is not None:
        tree.values[name] = value


TWISTS = (
    say_types,
    ask_again,
    repeat,
    put_in_fragments,
    name_fragments,
    direct,
    use_variables,
)
"""In the order in which they are made: what has been copied is not to become two different things."""


def twist(tree: Tree, random: Random) -> None:
    """Most of them, each in some places."""
    for one in TWISTS:
        if random.random() < 0.7:
            one(tree, random)


def _some(tree: Tree, random: Random, share: float) -> Sequence[Level]:
    return [level for level in levels(tree) if random.random() < share]


def _insert(level: Level, one: Selection, random: Random) -> None:
    level.selections.insert(random.randint(0, len(level.selections)), one)


def _taken(level: Level, random: Random) -> list[Selection]:
    """Some of what stands there, most often taken away, now and then left as well."""
    if not level.selections:
        return []
    count = random.randint(1, len(level.selections))
    chosen = sorted(random.sample(range(len(level.selections)), count))
    taken = [level.selections[number] for number in chosen]
    if random.random() < 0.7:
        level.selections[:] = [
            one for one in level.selections if not any(one is each for each in taken)
        ]
        return taken
    return [copied(one) for one in taken]


def _ids(level: Level) -> list[Selection]:
    """What is asked there that every node has."""
    return [copied(one) for one in level.fields if one.name == "id"]
