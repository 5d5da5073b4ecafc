"""What the answers have to be, from what is stored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.schema import cursor
from api.schema.context_filter import ContextOrder
from api.schema.identity import Kind, global_id
from api.schema.scalars import written_time
from api.schema.times import time_key
from db.filters import ContextFilter
from db.records import Context, Response
from tests.bench.reading.people import Person

Json = dict[str, Any]


def known(person: Person, kind: str) -> Json:
    """A user's 20 newest contexts of a type."""
    those = [one for one in newest(person) if one.context_type == kind]
    edges = [_edge(one, kind) for one in those[:20]]
    return {
        "id": global_id(Kind.User, person.id, person.id),
        "contexts": {
            "edges": edges,
            "pageInfo": {
                "hasNextPage": len(those) > 20,
                "hasPreviousPage": False,
                "startCursor": edges[0]["cursor"],
                "endCursor": edges[-1]["cursor"],
            },
        },
    }


def page(owner: UUID, shown: list[Context]) -> Json:
    """A page that is not the last one."""
    edges = [_edge(one) for one in shown]
    return {
        "id": global_id(Kind.User, owner, owner),
        "contexts": {
            "edges": edges,
            "pageInfo": {"hasNextPage": True, "endCursor": edges[-1]["cursor"]},
        },
    }


def newest(person: Person) -> list[Context]:
    return sorted(person.contexts(), key=lambda one: (one.created_at, one.id), reverse=True)


def context_cursor(one: Context, kind: str | None = None) -> str:
    """Its place among its user's contexts, or among those of a type."""
    wanted = ContextFilter(context_types=(kind,) if kind else None)
    list_of = cursor.list_id("User.contexts", one.user_id, wanted, ContextOrder.NEWEST_FIRST, None)
    return cursor.encoded(list_of, time_key(one))


def _edge(one: Context, kind: str | None = None) -> Json:
    node = {
        "id": global_id(Kind.Context, one.user_id, one.id),
        "contextType": one.context_type,
        "content": one.content,
        "metadata": one.metadata,
        "createdAt": written_time(one.created_at),
        "updatedAt": written_time(one.updated_at),
        "version": one.version,
    }
    return {"cursor": context_cursor(one, kind), "node": node}


def brief(person: Person) -> Json:
    """A user with the five newest contexts and the three newest conversations."""
    user = person.user()
    return {
        "id": global_id(Kind.User, user.id, user.id),
        "name": user.name,
        "externalId": user.external_id,
        "contexts": {
            "edges": [
                {
                    "node": {
                        "id": global_id(Kind.Context, one.user_id, one.id),
                        "contextType": one.context_type,
                        "content": one.content,
                        "createdAt": written_time(one.created_at),
                    }
                }
                for one in newest(person)[:5]
            ]
        },
        "conversations": {
            "edges": [
                {
                    "node": {
                        "id": global_id(Kind.Conversation, one.user_id, one.id),
                        "title": one.title,
                        "createdAt": written_time(one.created_at),
                    }
                }
                for one in person.conversations()[:-4:-1]
            ]
        },
    }


def node(one: Context) -> Json:
    return {
        "id": global_id(Kind.Context, one.user_id, one.id),
        "contextType": one.context_type,
        "content": one.content,
        "version": one.version,
        "updatedAt": written_time(one.updated_at),
    }


def talk(person: Person) -> Json:
    """The first conversation of a user, its turns from the first on, its responses the newest first."""
    it = person.conversations()[0]
    turns = [one for one in newest(person) if one.conversation_id == it.id][::-1]
    return {
        "id": global_id(Kind.Conversation, it.user_id, it.id),
        "title": it.title,
        "turns": {"edges": [{"node": _turn(one)} for one in turns]},
        "responses": {"edges": [{"node": _answer(one)} for one in person.responses()[::-1]]},
    }


def _turn(one: Context) -> Json:
    return {
        "id": global_id(Kind.Context, one.user_id, one.id),
        "content": one.content,
        "createdAt": written_time(one.created_at),
    }


def _answer(one: Response) -> Json:
    receipt = one.grounding or {}
    return {
        "id": global_id(Kind.Response, one.user_id, one.id),
        "status": one.status,
        "text": one.text,
        "grounding": {
            "tokens": receipt["tokens"],
            "budget": one.budget,
            "items": [_item(one.user_id, item) for item in receipt["items"]],
        },
        "citations": [
            {
                "number": number,
                "start": one.text.index(f"[{number}]"),
                "end": one.text.index(f"[{number}]") + 3,
            }
            for number in (1, 3, 5)
        ],
    }


def _item(user: UUID, item: Json) -> Json:
    told = {name: item[name] for name in ("rank", "score", "reason", "section", "included")}
    return {**told, "context": {"id": global_id(Kind.Context, user, UUID(item["contextId"]))}}
