"""Documents that would cost more than they look."""

from __future__ import annotations

import httpx
import pytest

from api.observe import Fact
from tests.door.attacks.judging import Asked, faults, sent, wrong_with, wrongs
from tests.door.test_documents import bomb, nested, wide_bomb


def repeated(template: str, times: int) -> str:
    return " ".join(template.replace("#", str(number)) for number in range(times))


def deep(opening: str, inner: str, closing: str, levels: int) -> str:
    return opening * levels + inner + closing * levels


WHOLE_SCHEMA = """fragment S on __Schema { types { name description
  fields(includeDeprecated: true) { name description args { name description type { name ofType { name } } } }
  inputFields { name description type { name ofType { name } } } enumValues { name description } } }"""
SELF = 'fragment F on User { profile { user { ...F } } } { user(by: { externalId: "a" }) { ...F } }'
STORED = 'mutation { createContext(input: { userId: "a", contextType: "b", content: %s }) { context { id } } }'

REFUSED = {
    "aliases": "{ " + repeated("a#: __typename", 600) + " }",
    "aliases of a list": "{ " + repeated("a#: users { edges { node { contexts { edges { cursor } } } } }", 90) + " }",
    "aliases in a fragment": "{ ...F } fragment F on Query { " + repeated("a#: __typename", 600) + " }",
    "directives that do not exist": "{ __typename " + repeated("@a#", 900) + " }",
    "one directive many times": "{ __typename " + repeated("@include(if: true)", 250) + " }",
    "directives on the operation": "query " + repeated("@a", 900) + " { __typename }",
    "a field nineteen hundred times": "{ " + repeated("__typename", 1900) + " }",
    "a field without end": "{ " + repeated("__typename", 9000) + " }",
    "a circle of one": SELF,
    "a circle of two": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a circle of two hundred": "{ ...F0 } "
    + "".join(f"fragment F{n} on Query {{ ...F{(n + 1) % 200} }} " for n in range(200)),
    "a circle that nobody enters": "{ __typename } fragment F on Query { ...F }",
    "an exponential fragment": bomb(25),
    "a wide exponential fragment": wide_bomb(40),
    "a chain of fragments": "{ ...F0 } "
    + "".join(f"fragment F{n} on Query {{ ...F{n + 1} }} " for n in range(200))
    + "fragment F200 on Query { __typename }",
    "two hundred fragments for nothing": "{ __typename } " + repeated("fragment F# on User { id }", 200),
    "a deep selection": nested(15),
    "a deeper selection": nested(300),
    "a selection as deep as it gets": "{ " + deep("a { ", "a", " }", 900) + " }",
    "deep inline fragments": "{ " + deep("... { ", "__typename", " }", 600) + " }",
    "a deep list": "{ nodes(ids: " + deep("[", '"a"', "]", 190) + ") { id } }",
    "a deeper list": "{ nodes(ids: " + deep("[", '"a"', "]", 900) + ") { id } }",
    "a deep input object": "{ user(by: " + deep("{ id: ", '"a"', " }", 90) + ") { id } }",
    "a deeper input object": "{ user(by: " + deep("{ id: ", '"a"', " }", 400) + ") { id } }",
    "deep JSON": STORED % deep("{ a: ", "1", " }", 40),
    "deeper JSON": STORED % deep("{ a: ", "1", " }", 400),
    "deep JSON of lists": STORED % ("{ a: " + deep("[", "1", "]", 150) + " }"),
    "a deep type": "query($a: " + deep("[", "Int", "]", 600) + ") { __typename }",
    "a deep introspection": "{ __schema { types { " + deep("fields { type { ", "name", " } }", 5) + " } } }",
    "the whole schema a hundred times": "{ " + repeated("a#: __schema { ...S }", 100) + " }" + WHOLE_SCHEMA,
    "many operations": repeated("query Q# { __typename }", 400),
    "many variables": "query(" + repeated("$v#: Int", 450) + ") { __typename }",
    "a name without end": "{ " + "a" * 60_000 + " }",
    "a cursor without end": '{ users(after: "' + "A" * 60_000 + '") { totalCount } }',
    "a number without end": "{ users(first: " + "9" * 10_000 + ") { totalCount } }",
    "a fraction beyond all": "{ users(first: 1e400) { totalCount } }",
    "a comment without end": "{ __typename } #" + "x" * 70_000,
    "U+0000": "{ __typename \x00 }",
    "U+0000 in a string": '{ user(by: { externalId: "a\x00" }) { id } }',
    "half a character": '{ user(by: { externalId: "\\uD800" }) { id } }',
    "no character": '{ user(by: { externalId: "\\u{110000}" }) { id } }',
    "letters that only look like ours": "{ __t\u0443pename }",
    "a word that runs backwards": "{ \u202eemanepyt__ }",
    "a string that is not closed": '{ user(by: { externalId: "a }',
    "a block that is not closed": '{ user(by: { externalId: """' + "\n" * 50_000,
    "nothing but spaces": " " * 60_000,
    "a schema": "type Query { a: Int } " * 100,
    "an extension of the schema": "extend type Query { a: Int } { __typename }",
}  # fmt: skip

BORNE = {
    "an id without end": '{ node(id: "' + "A" * 60_000 + '") { id } }',
    "one field in a hundred and forty places": "{ "
    + repeated('user(by: { externalId: "a" }) { id }', 140)
    + " }",
    "fragments that overlap": "{ "
    + repeated("...F#", 90)
    + " } "
    + repeated("fragment F# on Query { __typename models { name } }", 90),
    "a string without end": '{ user(by: { externalId: "' + "a" * 60_000 + '" }) { id } }',
    "a block of empty lines": '{ user(by: { externalId: """' + "\n" * 60_000 + '""" }) { id } }',
    "a mark of byte order": "\ufeff{ __typename }",
}


def asking(documents: dict[str, str]) -> dict[str, Asked]:
    return {name: {"json": {"query": document}} for name, document in documents.items()}


async def test_a_document_that_costs_more_than_it_looks_is_refused(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    assert await wrongs(client, facts, asking(REFUSED)) == {}


@pytest.mark.parametrize("document", BORNE.values(), ids=BORNE)
async def test_one_that_is_only_strange_is_answered_soon_or_refused(
    client: httpx.AsyncClient, facts: list[Fact], document: str
) -> None:
    response = await sent(client, {"json": {"query": document}})
    assert response.status_code == 200
    assert not [wrong for error in response.json().get("errors", []) for wrong in wrong_with(error)]
    assert not faults(facts)


async def test_a_document_beside_one_that_is_refused_is_answered_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    for document in REFUSED.values():
        await sent(client, {"json": {"query": document}})
    answer = await sent(client, {"json": {"query": "{ __typename }"}})
    assert answer.json()["data"] == {"__typename": "Query"}
