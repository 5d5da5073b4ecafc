"""What is asked: the operations, whom each repetition is about, and what the answer has to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson

from api.schema import cursor
from api.schema.identity import Kind, global_id
from api.schema.times import Timed, time_key
from tests.bench.reading import answers
from tests.bench.reading.people import ANSWERED, HOARDER, Person, Stored, hoarded
from tests.bench.reading.seeding import WRITERS, writer

BODIES = 200
"""How many requests of a kind differ; they are sent round and round."""

Q1 = """query Q1($externalId: String!, $type: String!) {
  user(by: { externalId: $externalId }) {
    id
    contexts(first: 20, filter: { contextTypes: [$type] }) {
      edges { cursor node { id contextType content metadata createdAt updatedAt version } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""

Q2 = """query Q2($after: String!) {
  users(first: 20, after: $after) {
    edges { node {
      id name externalId
      contexts(first: 5) { edges { node { id contextType content createdAt } } }
      conversations(first: 3) { edges { node { id title createdAt } } }
    } }
  }
}"""

Q3 = """query Q3($id: ID!) {
  node(id: $id) { id ... on Context { contextType content version updatedAt } }
}"""

Q4 = """query Q4($id: ID!) {
  conversation(id: $id) {
    id title
    turns(first: 20) { edges { node { id content createdAt } } }
    responses(first: 5) { edges { node {
      id status text
      grounding { tokens budget items { rank score reason section included context { id } } }
      citations { number start end }
    } } }
  }
}"""

Q5 = """query Q5($externalId: String!, $after: String) {
  user(by: { externalId: $externalId }) {
    id
    contexts(first: 20, after: $after) {
      edges { cursor node { id contextType content metadata createdAt updatedAt version } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

Q6 = """mutation Q6($userId: ID!, $content: JSON!) {
  createContext(input: { userId: $userId, contextType: "knowledge", content: $content }) {
    context { contextType content version }
  }
}"""

Q8 = "{ __typename }"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the `data` of its answer; `whom` is what a server asks by that has other ids and cursors."""

    variables: Mapping[str, object]
    data: Mapping[str, object]
    whom: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Workload:
    """An operation of the graph, and the requests that it is sent with."""

    name: str
    title: str
    query: str
    asked: Sequence[Asked]
    writes: bool = False

    def bodies(self) -> list[bytes]:
        return [
            orjson.dumps({"query": self.query, "variables": one.variables}) for one in self.asked
        ]


def workloads(stored: Stored) -> list[Workload]:
    """All of them, on what is stored."""
    space, some, deep = stored.namespace, _spread(stored.users), stored.hoard // 21
    writers, talkers = range(min(WRITERS, stored.users)), _answered(stored.users)
    return [
        Workload("Q1", "a user with 20 contexts of a type", Q1, [_q1(space, n) for n in some]),
        Workload("Q2", "20 users, each with 5 and 3", Q2, [_q2(space, n) for n in some]),
        Workload("Q3", "node by id", Q3, [_q3(space, n) for n in some]),
        Workload("Q4", "20 turns, 5 responses with receipts", Q4, [_q4(space, n) for n in talkers]),
        Workload("Q5a", f"page 1 of {stored.hoard // 20:,}", Q5, [_q5(stored, 1)]),
        Workload("Q5b", f"page {deep:,} of them", Q5, [_q5(stored, deep)]),
        Workload("Q6", "createContext", Q6, [_q6(space, n) for n in writers], writes=True),
        Workload("Q8", "{ __typename }", Q8, [Asked({}, {"__typename": "Query"}, {})]),
    ]


def _spread(count: int) -> list[int]:
    """Numbers of users, far from each other; before each of them there are 20 others."""
    return [20 + place * 997 % (count - 20) for place in range(min(BODIES, count - 20))]


def _answered(count: int) -> list[int]:
    those = range(0, count, ANSWERED)
    return [those[place * 97 % len(those)] for place in range(min(BODIES, len(those)))]


def _at(list_of: Sequence[object], one: Timed) -> str:
    """The cursor of a list at that row."""
    return cursor.encoded(cursor.list_id(*list_of), time_key(one))


def _q1(namespace: UUID, number: int) -> Asked:
    person = Person(namespace, number)
    user = person.user()
    asked = {"externalId": user.external_id, "type": "knowledge"}
    return Asked(asked, {"user": answers.known(person, "knowledge")}, asked)


def _q2(namespace: UUID, number: int) -> Asked:
    after = Person(namespace, number).user()
    shown = [
        answers.brief(Person(namespace, number - 1 - place)) for place in range(min(20, number))
    ]
    return Asked(
        {"after": _at(["Query.users"], after)},
        {"users": {"edges": [{"node": one} for one in shown]}},
        {"externalId": after.external_id},
    )


def _q3(namespace: UUID, number: int) -> Asked:
    one = Person(namespace, number).contexts()[number % 100]
    id = global_id(Kind.Context, one.user_id, one.id)
    return Asked({"id": id}, {"node": answers.node(one)}, {"userId": one.user_id, "id": one.id})


def _q4(namespace: UUID, number: int) -> Asked:
    person = Person(namespace, number)
    talk = person.conversations()[0]
    id = global_id(Kind.Conversation, talk.user_id, talk.id)
    whom = {"userId": talk.user_id, "id": talk.id}
    return Asked({"id": id}, {"conversation": answers.talk(person)}, whom)


def _q5(stored: Stored, number: int) -> Asked:
    owner = uuid5(stored.namespace, HOARDER)
    newest = stored.hoard - 1 - (number - 1) * 20
    shown = [hoarded(owner, newest - place) for place in range(20)]
    asked: dict[str, Any] = {"externalId": HOARDER}
    if number > 1:
        asked["after"] = answers.context_cursor(hoarded(owner, newest + 1))
    return Asked(asked, {"user": answers.page(owner, shown)}, asked)


def _q6(namespace: UUID, number: int) -> Asked:
    user = uuid5(namespace, writer(number))
    text = f"They like tea number {number}, and the ferry at noon; they were told so by a friend."
    made = {"contextType": "knowledge", "content": {"text": text}, "version": 1}
    return Asked(
        {"userId": global_id(Kind.User, user, user), "content": {"text": text}},
        {"createContext": {"context": made}},
        {"userId": user, "content": {"text": text}},
    )
