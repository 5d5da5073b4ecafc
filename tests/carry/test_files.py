"""What is wrong with a file is noticed before it is stored, and told with its line."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.carry.sealed import LINES_AT_ONCE, LONGEST_LINE, Damaged, Sealed
from db import context_writes, conversations
from db.context_writes import NewContext, Revision
from db.intake import Unfit
from db.pool import Database
from tests.carry.carrying import exported, imported, parsed, rows, sealed_anew
from tests.making import a_user, knowledge

on_one_store = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

USER, TALK, CONTEXT, VERSION, RESPONSE = 2, 3, 5, 9, 11
"""The lines on which these stand first."""

Lines = list[dict[str, Any]]


@pytest.fixture
async def lines(db: Database) -> Lines:
    """The lines of a small user who has some of each, sealed after every two."""
    user = await a_user(db)
    talk = await conversations.create(db, user.id, "Chess", {})
    content = {"role": "user", "message": "Hi."}
    told = [
        NewContext("conversation", content, "Hi.", conversation_id=talk.id),
        knowledge("Ada plays chess."),
        knowledge("Ada drinks tea."),
    ]
    made = await context_writes.create_many(db, user.id, told)
    change = Revision(content={"text": "Ada drinks coffee."}, text="Ada drinks coffee.")
    await context_writes.update(db, user.id, made[2].id, 1, change)
    first, *rest, growth, last = parsed(await exported(db))
    rest += [a_response(str(talk.id)), growth]
    seal = {"kind": "seal", "sha256": ""}
    pairs = [line for start in range(0, len(rest), 2) for line in (*rest[start : start + 2], seal)]
    return [first, *pairs, last]


def a_response(conversation_id: str) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("as_of", "input_tokens", "output_tokens", "cost_usd", "groundedness", "error_code",
         "error_message", "first_token_at")
    )  # fmt: skip
    item = {
        "contextId": str(uuid4()), "contextVersion": 1, "section": "KNOWLEDGE", "included": True,
        "reason": "RELEVANT", "rank": 1, "score": 1, "keywordScore": 0.5, "tokens": 3, "truncated": False,
    }  # fmt: skip
    receipt = {"tokens": 9, "prompt": [{"role": "USER", "text": "?"}], "items": [item]}
    return {
        "kind": "response", "id": str(uuid4()), "conversation_id": conversation_id, "status": "COMPLETED",
        "message": "?", "text": "!", "model": "extractive", "budget": 800, "grounding": receipt, "rests_on": [],
        "delta_ends": [1], "created_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:01.5+02:00",
        **nothing,
    }  # fmt: skip


async def test_a_file_made_by_hand_is_imported(db: Database, lines: Lines) -> None:
    tallies = await imported(db, sealed_anew(lines), "copy")
    assert {kind: tally.stored for kind, tally in tallies.items()} == {
        "user": 1, "conversation": 1, "context": 3, "version": 1, "response": 1, "growth": 1,
    }  # fmt: skip
    assert (await rows(db, "copy"))["contexts"] == (await rows(db))["contexts"]


async def test_a_file_of_the_first_version_is_imported_without_ratings(
    db: Database, lines: Lines
) -> None:
    lines[0]["version"] = 1
    for key in ("rating", "rating_comment", "rated_at"):
        lines[RESPONSE - 1].pop(key, None)
    tallies = await imported(db, sealed_anew(lines), "copy")
    assert tallies["response"].stored == 1
    (response,) = (await rows(db, "copy"))["responses"]
    assert response["rating"] is None


@on_one_store
@given(data=st.data())
async def test_no_bit_can_flip_and_no_byte_be_missing_unnoticed(
    db: Database, lines: Lines, data: st.DataObject
) -> None:
    file = sealed_anew(lines)
    at = data.draw(st.integers(0, len(file) - 1))
    bit = data.draw(st.one_of(st.none(), st.integers(0, 7)))
    hurt = file[:at] if bit is None else file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1 :]
    one, other = uuid4().hex, uuid4().hex
    with pytest.raises((Damaged, Unfit)):
        await imported(db, hurt, one)
    await imported(db, file, other)
    whole, part = await rows(db, other), await rows(db, one)
    for table, found in part.items():
        for row in found:
            assert row | {"external_id": ""} in [
                kept | {"external_id": ""} for kept in whole[table]
            ]
    await imported(db, file, one)
    assert (await rows(db, one))["contexts"] == whole["contexts"]


@pytest.mark.parametrize(
    ("at", "change", "words"),
    [
        (1, {"format": "other"}, "not an export"),
        (1, {"version": 3}, "import it with a newer one"),
        (1, {"version": "1"}, "not an export"),
        (1, {"exported_at": 12}, "exported_at: must be a time"),
        (USER, {"kind": "api_key"}, "does not match any of the expected"),
        (USER, {"kind": "\n\x1b[31m"}, "does not match any of the expected"),
        (USER, {"external_id": ""}, "user.external_id"),
        (USER, {"external_id": "x" * 256}, "user.external_id"),
        (USER, {"metadata": []}, "user.metadata: Input should be an object"),
        (USER, {"name": "A\x00da"}, "user.name: must not hold the character U+0000"),
        (TALK, {"id": 7}, "conversation.id"),
        (TALK, {"is_active": 1}, "conversation.is_active: Input should be a valid boolean"),
        (TALK, {"version": 0}, "conversation.version"),
        (TALK, {"version": 2**31}, "conversation.version"),
        (TALK, {"version": True}, "conversation.version"),
        (TALK, {"created_at": "now"}, "conversation.created_at: must be a time"),
        (TALK, {"created_at": "infinity"}, "conversation.created_at: must be a time"),
        (TALK, {"created_at": "9999-01-01T00:00:00Z"}, "conversation.created_at: must be in a year"),
        (TALK, {"created_at": "2026-13-01T00:00:00Z"}, "conversation.created_at"),
        (TALK, {"more": 1}, "conversation.more: Extra inputs are not permitted"),
        (CONTEXT, {"content": ["chess"]}, "context.content: Input should be an object"),
        (CONTEXT, {"content": {"role": "user"}}, "context: The content of a conversation"),
        (CONTEXT, {"content": {"role": "user", "message": "a\x00b"}}, "U+0000"),
        (CONTEXT, {"metadata": {"a\x00b": 1}}, "U+0000"),
        (CONTEXT, {"metadata": {"a": [10**400]}}, "number so large"),
        (CONTEXT, {"metadata": {"a": float("nan")}}, "not finite"),
        (CONTEXT, {"context_type": "so & so"}, "contextType 'so & so'"),
        (CONTEXT, {"conversation_id": str(uuid4())}, "contexts_conversation"),
        (CONTEXT, {"search": "'unclosed"}, "syntax error in tsvector"),
        (CONTEXT, {"embeddings": {"m": ["much"]}}, "context.embeddings.m.0"),
        (CONTEXT, {"kind": "user"}, "user.external_id: Field required"),
        (VERSION, {"valid_to": None}, "version.valid_to"),
        (VERSION, {"version": 1.0}, "version.version"),
        (RESPONSE, {"status": "DONE"}, "response.status"),
        (RESPONSE, {"status": "STREAMING"}, "completed_at and status contradict"),
        (RESPONSE, {"grounding": {}}, "response.grounding.tokens: Field required"),
        (RESPONSE, {"delta_ends": [-1]}, "response.delta_ends.0"),
        (RESPONSE, {"conversation_id": str(uuid4())}, "responses_conversation"),
        (RESPONSE, {"cost_usd": "1"}, "response.cost_usd"),
        (RESPONSE, {"rating": 6}, "response.rating"),
        (RESPONSE, {"rating": True}, "response.rating"),
        (RESPONSE, {"rating": 5}, "rated_at contradict"),
        (RESPONSE, {"rating_comment": "!"}, "rated_at contradict"),
        (RESPONSE, {"rating_comment": "!" * 2001}, "response.rating_comment"),
        (RESPONSE, {"rating_comment": "a\x00b"}, "U+0000"),
    ],
)  # fmt: skip
async def test_a_bad_line_is_named_and_nothing_of_its_batch_is_stored(
    db: Database, lines: Lines, at: int, change: dict[str, Any], words: str
) -> None:
    lines[at - 1] |= change
    with pytest.raises((Damaged, Unfit)) as refused:
        await imported(db, sealed_anew(lines), "copy")
    assert isinstance(refused.value, Damaged | Unfit)
    assert refused.value.number == at
    assert words in str(refused.value)
    stored = await rows(db, "copy")
    # Two lines stand between seals; the first one is the header.
    assert sum(map(len, stored.values())) == 2 * ((at - 2) // 3) if at > 1 else not stored["users"]


async def test_a_line_out_of_order_is_refused(db: Database, lines: Lines) -> None:
    user, talk = lines[USER - 1], lines[TALK - 1]
    headless = [lines[0], *lines[2:]]
    crowded = [*lines[:CONTEXT], user, *lines[CONTEXT:]]
    late = [*lines[:VERSION], talk, *lines[VERSION:]]
    for odd in (headless, crowded, late):
        with pytest.raises(Damaged, match=r"cannot stand here: the order is user, conversation"):
            await imported(db, sealed_anew(odd), "copy")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "cut off"),
        (b"\n", "not an export"),
        (b"PK\x03\x04\n", "not an export"),
        (b"[]\n", "not an export"),
        (b"\xff\xfe\n", "not an export"),
        (b"x" * (LONGEST_LINE + 1), "longer than"),
        (b'{"format":' + b"[" * 5_000 + b"\n", "not an export"),
    ],
    ids=["empty", "blank", "zip", "list", "utf-16", "giant", "deep"],
)
async def test_what_is_no_export_is_refused(db: Database, file: bytes, words: str) -> None:
    with pytest.raises(Damaged, match=words) as refused:
        await imported(db, file)
    assert refused.value.number == 1


async def test_a_file_ends_with_its_trailer_and_has_seals_all_along(lines: Lines) -> None:
    first, *rest, last = lines
    whole = sealed_anew(lines)
    cases = [
        (whole + b"{}\n", "more after the trailer"),
        (whole + whole, "more after the trailer"),
        (whole.replace(b'"context": 3', b'"context": 4'), "the file has changed"),
        (sealed_anew([first, first, *rest, last]), "does not match any of the expected"),
        (sealed_anew([first, last]), "the counts"),
        (
            sealed_anew([*lines[:4], *[lines[CONTEXT - 1]] * (LINES_AT_ONCE + 1), last]),
            "should have been a seal",
        ),
    ]
    for file, words in cases:
        with pytest.raises(Damaged, match=words):
            list(Sealed(BytesIO(file)).batches())


TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@on_one_store
@given(content=st.dictionaries(TEXTS, VALUES))
async def test_whatever_json_a_context_holds_arrives_as_it_left(
    db: Database, there: Database, content: dict[str, Any]
) -> None:
    name = uuid4().hex
    user = await a_user(db, name)
    new = NewContext("any", content, str(content).replace("\\x00", ""), metadata=content)
    await context_writes.create_many(db, user.id, [new])
    await imported(there, await exported(db, name))
    assert await rows(there, name) == await rows(db, name)
