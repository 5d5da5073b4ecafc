"""What is asked in PostGraphile's words: its names, its ids and its cursors, and the same answers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson

from tests.bench.reading.workloads import Asked, Workload

Json = dict[str, Any]

NEWEST = "[CREATED_AT_DESC, PRIMARY_KEY_DESC]"

Q1 = f"""query Q1($externalId: String!, $type: String!) {{
  user: userByExternalId(externalId: $externalId) {{
    id
    contexts(first: 20, orderBy: {NEWEST}, condition: {{ contextType: $type }}) {{
      edges {{ cursor node {{ id contextType content metadata createdAt updatedAt version }} }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    }}
  }}
}}"""

Q2 = f"""query Q2($after: Cursor!) {{
  users: allUsers(first: 20, after: $after, orderBy: {NEWEST}) {{
    edges {{ node {{
      id name externalId
      contexts(first: 5, orderBy: {NEWEST}) {{ edges {{ node {{ id contextType content createdAt }} }} }}
      conversations(first: 3, orderBy: {NEWEST}) {{ edges {{ node {{ id title createdAt }} }} }}
    }} }}
  }}
}}"""

Q3 = """query Q3($id: ID!) {
  node(id: $id) { id ... on Context { contextType content version updatedAt } }
}"""

Q4 = f"""query Q4($id: ID!) {{
  conversation(id: $id) {{
    id title
    turns(first: 20, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {{
      edges {{ node {{ id content createdAt }} }}
    }}
    responses(first: 5, orderBy: {NEWEST}) {{ edges {{ node {{
      id status text tokens budget
      items {{ nodes {{ rank score reason section included context {{ id }} }} }}
      citations {{ nodes {{ number start end: after }} }}
    }} }} }}
  }}
}}"""

Q6 = """mutation Q6($userId: UUID!, $content: JSON!) {
  createContext(input: { userId: $userId, contextType: "knowledge", content: $content }) {
    context: result { contextType content version }
  }
}"""

Q8 = "{ __typename }"

USERS = f"""query($size: Int!) {{
  allUsers(first: $size, orderBy: {NEWEST}) {{ edges {{ cursor node {{ externalId }} }} }}
}}"""


def node_id(kind: str, whom: Mapping[str, object]) -> str:
    parts = [kind, str(whom["userId"]), str(whom["id"])]
    return b64encode(orjson.dumps(parts)).decode()


def cursors(address: str, size: int) -> dict[str, str]:
    """The place of each of the newest users, by external id."""
    body = {"query": USERS, "variables": {"size": size}}
    answer = httpx.post(f"{address}/graphql", json=body, timeout=60).json()
    edges = answer["data"]["allUsers"]["edges"]
    return {edge["node"]["externalId"]: edge["cursor"] for edge in edges}


def translated(workload: Workload, places: Mapping[str, str]) -> Workload:
    """The workload as it is asked here; `places` are the cursors of users."""
    query, variables = ASKED[workload.name]
    asked = [
        Asked(variables(one.whom, places), _told(one.data), one.whom) for one in workload.asked
    ]
    return replace(workload, query=query, asked=asked)


Variables = Callable[[Mapping[str, Any], Mapping[str, str]], Mapping[str, object]]

ASKED: Mapping[str, tuple[str, Variables]] = {
    "Q1": (Q1, lambda whom, _: whom),
    "Q2": (Q2, lambda whom, places: {"after": places[whom["externalId"]]}),
    "Q3": (Q3, lambda whom, _: {"id": node_id("Context", whom)}),
    "Q4": (Q4, lambda whom, _: {"id": node_id("Conversation", whom)}),
    "Q6": (Q6, lambda whom, _: whom),
    "Q8": (Q8, lambda *_: {}),
}


def _told(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer in the shape that it has here, where receipts are rows beside their responses."""
    if "conversation" not in data:
        return data
    talk = data["conversation"]
    edges = [{"node": _receipt(edge["node"])} for edge in talk["responses"]["edges"]]
    return {"conversation": {**talk, "responses": {"edges": edges}}}


def _receipt(response: Json) -> Json:
    receipt = response["grounding"]
    return {
        **{name: response[name] for name in ("id", "status", "text")},
        **{name: receipt[name] for name in ("tokens", "budget")},
        "items": {"nodes": receipt["items"]},
        "citations": {"nodes": response["citations"]},
    }
