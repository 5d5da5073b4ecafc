"""What is hard to write as JSON: one user has it in every place where the graph has text, JSON or a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from api.schema.identity import Kind, named
from db import context_writes, conversations
from db.context_writes import Revision
from tests.asking import Asker
from tests.schema.world import TURNS

TEXTS = (
    'quotes " and \\ backslashes \\" \\\\n',
    "\x01\x02\x1f\x7f\x80\x9f \b\f\n\r\t\v",
    "🧳 𝄞 👩‍👩‍👧 \U0010ffff",
    "\u2028\u2029\ufeff\u200f\uffff",
    "%s %(cursor)s %(node)s %% {0} {} $1",
    "</script><!-- ]]> &amp;",
    "null",
    "",
)

NUMBERS = {
    "large": 1e20,
    "whole": 1.0,
    "minus": -0.0,
    "tenths": 1.50,
    "odd": 2**53 + 1,
    "least": -(2**63),
    "small": 1e-7,
    "smallest": 5e-324,
    "largest": 1.7976931348623157e308,
    "third": 1 / 3,
    "none": 0,
}

RAW = """{
    "tenths": 1.50, "whole": 100e-2, "hundred": 1E+2, "minus": -0.0, "tiny": 1e-400,
    "long": 123456789012345678901234567890, "escaped": "\\u00e9\\/\\ud83e\\uddf3", "twice": 1, "twice": 2
}"""
"""As no client can write it, but an import of PostgreSQL's can."""

WRITE_RAW = "update contexts set content = $3::text::jsonb where user_id = $1 and id = $2"

DEEP: Any = None
for _ in range(14):
    DEEP = {"": [DEEP, {}, []]}

DOCUMENTS: tuple[dict[str, Any], ...] = (
    {},
    {"a": {}, "b": [], "c": [{}, [[]], None, True, False, ""]},
    NUMBERS,
    {"deep": DEEP},
    {text: [text] for text in TEXTS},
    {"a" * 300: "b" * 3000},
)

TIMES = (
    "0002-01-01T00:00:00Z",
    "9998-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "2026-05-01T12:00:00.5Z",
    "2026-05-01T12:00:00.120000Z",
    "2026-05-01T12:00:00.000001Z",
    "2026-10-25T02:30:00+02:00",
)

UPSERT = """mutation($id: String!, $name: String, $metadata: JSON) {
  upsertUser(input: { externalId: $id, name: $name, metadata: $metadata }) { user { id } } }"""
TALK = """mutation($input: CreateConversationInput!) {
  createConversation(input: $input) { conversation { id } } }"""
DELETE = "mutation($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }"
DELETE_TALK = (
    "mutation($id: ID!) { deleteConversation(input: { id: $id }) { conversation { id } } }"
)


async def hostile_things(asker: Asker, user: str) -> None:
    """For a user that is there: contexts, turns, conversations; some are expired, some deleted."""
    new = [
        {"contextType": f"t{number}", "content": content, "metadata": content, "createdAt": time}
        for number, (content, time) in enumerate(
            zip((*DOCUMENTS, *DOCUMENTS), (*TIMES, *TIMES), strict=False)
        )
        if len(str(content)) < 15_000
    ]
    new += [
        {"contextType": "knowledge", "content": {"text": text or "-"}, "createdAt": TIMES[4]}
        for text in TEXTS
    ]
    made = await asker.data(TURNS, user=user, contexts=new)
    ids = [one["id"] for one in made["createContexts"]["contexts"]]
    await asker.server.db.fetch(WRITE_RAW, *named(Kind.Context, ids[0]), RAW)
    await asker.data(DELETE, id=ids[1])
    await _expire(asker, ids[2])
    talks = [await _talk(asker, user, text) for text in (*TEXTS, None)]
    await asker.data(TURNS, user=user, contexts=[_turn(talks[0], time) for time in TIMES])
    await asker.data(DELETE_TALK, id=talks[1])
    await _bare_talks(asker, user)


async def hostile_users(asker: Asker) -> None:
    """Users with such names and metadata, and without."""
    for number, text in enumerate(TEXTS):
        document = DOCUMENTS[number % len(DOCUMENTS)]
        await asker.data(UPSERT, id=f"hostile {number}", name=text, metadata=document)
    await asker.data(UPSERT, id="nameless", name=None)


async def _talk(asker: Asker, user: str, title: str | None) -> str:
    input = {"userId": user, "title": title, "metadata": {"of": title}}
    return str((await asker.data(TALK, input=input))["createConversation"]["conversation"]["id"])


def _turn(talk: str, time: str) -> dict[str, Any]:
    content = {"role": "user", "message": f'It is "{time}".'}
    return {
        "contextType": "conversation", "content": content, "conversationId": talk, "createdAt": time
    }  # fmt: skip


async def _bare_talks(asker: Asker, user: str) -> None:
    owner, _ = named(Kind.User, user)
    for document in DOCUMENTS:
        await conversations.create(asker.server.db, owner, None, document)


async def _expire(asker: Asker, id: str) -> None:
    """No mutation takes a time that has passed."""
    owner, row = named(Kind.Context, id)
    gone = Revision(expires_at=(datetime.now(UTC) - timedelta(hours=1),))
    await context_writes.update(asker.server.db, owner, row, 1, gone)
