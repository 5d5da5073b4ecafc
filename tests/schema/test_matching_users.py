"""`Query.users(matching:)`: users by how the words of their external id or name begin."""

from __future__ import annotations

from typing import Any

import pytest

from db import user_words, users
from tests.asking import Asker

MATCHING = """query($matching: String, $first: Int, $after: String) {
  users(matching: $matching, first: $first, after: $after) {
    totalCount edges { cursor node { externalId } } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""

PEOPLE = {
    "user-42": "Ada Lovelace",
    "ada@example.com": None,
    "acme/7": "Grace O'Hara",
    "550e8400-e29b-41d4-a716-446655440000": "Zoë Müller-Lüdenscheidt",
    "7e10:under_score": "हिन्दी",
}


@pytest.fixture
async def people(asker: Asker) -> Asker:
    for external_id, name in PEOPLE.items():
        await users.upsert(asker.server.db, external_id, name=(name,))
    return asker


async def found(asker: Asker, matching: str | None) -> set[str]:
    listed = (await asker.data(MATCHING, matching=matching))["users"]
    names = [edge["node"]["externalId"] for edge in listed["edges"]]
    assert listed["totalCount"] == len(names) == len(set(names))
    return set(names)


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        ("user-42", {"user-42"}),
        ("user-4", {"user-42"}),
        ("42", {"user-42"}),
        ("2", set()),
        ("ADA", {"user-42", "ada@example.com"}),
        ("ada love", {"user-42"}),
        ("love ada", {"user-42"}),
        ("ada grace", set()),
        ("ada@ex", {"ada@example.com"}),
        ("example.com", {"ada@example.com"}),
        ("acme/7", {"acme/7"}),
        ("7", {"acme/7", "7e10:under_score"}),
        ("7e1", {"7e10:under_score"}),
        ("O'Hara", {"acme/7"}),
        ("hara", {"acme/7"}),
        ("550e84", {"550e8400-e29b-41d4-a716-446655440000"}),
        ("550e8400-e29b-41d4-a716-44665544", {"550e8400-e29b-41d4-a716-446655440000"}),
        ("e29", {"550e8400-e29b-41d4-a716-446655440000"}),
        ("zoë mül", {"550e8400-e29b-41d4-a716-446655440000"}),
        ("lüden", {"550e8400-e29b-41d4-a716-446655440000"}),
        ("score", {"7e10:under_score"}),
        ("हिन्", {"7e10:under_score"}),
    ],
)
async def test_each_word_begins_a_word_of_the_external_id_or_the_name(
    people: Asker, matching: str, expected: set[str]
) -> None:
    assert await found(people, matching) == expected


@pytest.mark.parametrize("matching", [None, "", "  \t\n", "-", "'", "· ! ¿", "\x00"])
async def test_without_a_word_everybody_is_listed(people: Asker, matching: str | None) -> None:
    assert await found(people, matching) == set(PEOPLE)


@pytest.mark.parametrize(
    "matching",
    [
        "ada & !", "ada:*", "ada'", "'ada", 'a\\d"a', "ada | bob", "(ada", "!ada", "<-> ada", "ada\x00", "ada:*AB",
        "🙂", "\ud800ada", "ada\u200b", "ada\u3000", "%", "$1", "{}", "x" * 255, "ada\u0301", "'" * 255,
    ],
)  # fmt: skip
async def test_no_character_gives_an_error(people: Asker, matching: str) -> None:
    assert await found(people, matching) <= set(PEOPLE)
    assert people.faults == []


async def test_a_text_beyond_255_characters_is_refused(people: Asker) -> None:
    assert await people.refused(MATCHING, matching="a" * 256) == "BAD_USER_INPUT"


async def test_a_new_name_is_found_and_the_old_one_is_not(people: Asker) -> None:
    await users.upsert(people.server.db, "acme/7", name=("Mary",))
    assert await found(people, "mary") == {"acme/7"}
    assert await found(people, "grace") == set()


async def test_it_is_for_services(people: Asker) -> None:
    assert await people.seen_by("user-42").refused(MATCHING, matching="ada") == "FORBIDDEN"


MANY = """
insert into users (id, external_id, created_at)
select gen_random_uuid(), case when i % $1 = 0 then 'seldom-' else 'often-' end || i, now() - i * interval '1 second'
from generate_series(1, $2) i
"""


@pytest.mark.parametrize("word", ["often", "seldom"])
async def test_pages_of_what_matches_follow_each_other_in_the_order_of_all(
    asker: Asker, word: str
) -> None:
    """One word fills a page among the users that are walked first; the other is found by the index."""
    await asker.server.db.fetch(MANY, 300, 3 * user_words.WALKED)
    walked: list[str] = []
    page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
    while page["pageInfo"]["hasNextPage"] and len(walked) < 40:
        after = page["pageInfo"]["endCursor"]
        page = (await asker.data(MATCHING, matching=word, first=4, after=after))["users"]
        assert page["pageInfo"]["hasPreviousPage"] is bool(walked)
        walked += [edge["node"]["externalId"] for edge in page["edges"]]
    numbers = [int(name.removeprefix(f"{word}-")) for name in walked]
    seldom = [*range(300, 3001, 300)]
    assert numbers == (seldom if word == "seldom" else [*range(1, 41)])
    assert page["totalCount"] == (len(seldom) if word == "seldom" else 2990)


async def test_from_the_end_and_before_a_cursor_it_pages_as_every_list(people: Asker) -> None:
    last = """query($before: String) { users(matching: "ada", last: 1, before: $before) {
      edges { cursor node { externalId } } pageInfo { hasNextPage hasPreviousPage } } }"""
    one = (await people.data(last))["users"]
    assert one["edges"][0]["node"]["externalId"] == "user-42"
    assert one["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    two = (await people.data(last, before=one["edges"][0]["cursor"]))["users"]
    assert two["edges"][0]["node"]["externalId"] == "ada@example.com"
    assert two["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}


async def test_a_cursor_is_of_one_text_however_it_is_spaced(people: Asker) -> None:
    cursor = (await people.data(MATCHING, matching="ada", first=1))["users"]["edges"][0]["cursor"]
    assert (await people.data(MATCHING, matching=" ada ", after=cursor))["users"]["edges"]
    assert await people.refused(MATCHING, matching="grace", after=cursor) == "BAD_USER_INPUT"
    assert await people.refused(MATCHING, after=cursor) == "BAD_USER_INPUT"


async def test_the_index_is_used(people: Asker) -> None:
    db = people.server.db
    await db.fetch(MANY, 300, 3 * user_words.WALKED)
    await db.fetch("analyze users")
    words = user_words.beginnings("seldom-300")
    plan = await db.fetch(
        f"explain select count(*) from users where {user_words.WORDS} @@ to_tsquery('simple', $1)",
        words,
    )
    assert "users_by_words" in "\n".join(row[0] for row in plan)
