"""A tree, spoiled: in one place stands what is refused, or leads nowhere."""

from __future__ import annotations

import json
from random import Random

from tests.generated.tree import Field, Tree, levels

FOREIGN = "A4QnXkBff_8BoiJBxLtzMJkuZq_63OqzAAAAAAAA"
"""It could be a cursor of some list."""

BAD = {
    "first": ["-1", "101", "2147483647", "4294967296", "null"],
    "last": ["-1", "101", "1.0"],
    "after": ['""', '"bm9ib2R5"', json.dumps(FOREIGN), '"\u00e9 %s"', "7"],
    "before": ['""', json.dumps(FOREIGN + "="), '" "'],
    "id": ['""', '"x"', "12", '"VS2FDx8BmFg6pSKi2GDRpA4"', "null"],
    "ids": ["[]", '["x"]', '"x"', "[null]", f"[{', '.join(['1'] * 101)}]"],
    "by": ["{}", "{ id: null }", '{ id: "x" }', '{ externalId: "" }', '{ externalId: "\\u0000" }'],
    "asOf": ['"2999-01-01T00:00:00Z"', '"yesterday"', "null", "1"],
    "orderBy": ["null", "NEWEST", '"NEWEST_FIRST"'],
    "filter": [
        "{ metadata: [] }",
        '{ content: "x" }',
        "{ content: { a: 1e400 } }",
        '{ conversationId: "x" }',
        '{ createdAfter: "9999-12-31T23:59:59Z" }',
        '{ contextTypes: [""] }',
        "{ nothing: 1 }",
        "null",
    ],
    "query": ['""', '"\\u0000"', f'"{"x" * 33_000}"'],
    "mode": ["SEMANTIC", "null"],
    "message": ['""'],
    "budget": ["-1", "0", "2147483648"],
    "matching": [f'"{"x" * 256}"'],
    "minutes": ["0", "43201"],
    "points": ["1", "501"],
}


def spoil(tree: Tree, random: Random) -> None:
    """One argument becomes such a one, be it given until now or not."""
    places: list[tuple[Field, str]] = [
        (one, name)
        for level in levels(tree)
        for one in level.fields
        for name in level.arguments(one)
        if name in BAD
    ]
    if places:
        asked, name = random.choice(places)
        asked.given[name] = random.choice(BAD[name])
