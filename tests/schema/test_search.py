"""Searching what is known about a user, over the graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asking import Asker
from tests.responding import a_user

SEARCH = """
query($user: ID!, $words: String!, $filter: ContextFilter, $mode: SearchMode! = HYBRID, $first: Int! = 10) {
  user(by: { id: $user }) {
    search(query: $words, filter: $filter, mode: $mode, first: $first) {
      edges { cursor score keywordScore semanticScore node { text contextType } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
STORE = """
mutation($user: ID!, $contexts: [NewContextInput!]!) {
  createContexts(input: { userId: $user, contexts: $contexts }) { contexts { id } }
}
"""
TALK = (
    "mutation($user: ID!) { createConversation(input: { userId: $user }) { conversation { id } } }"
)


async def searched(asker: Asker, user: str, query: str, **more: Any) -> dict[str, Any]:
    answer = await asker.data(SEARCH, user=user, words=query, **more)
    found: dict[str, Any] = answer["user"]["search"]
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["text"] for edge in found["edges"]]


async def known(asker: Asker, *contexts: dict[str, Any]) -> str:
    user = await a_user(asker)
    await asker.data(STORE, user=user, contexts=list(contexts))
    return user


def fact(text: str, kind: str = "knowledge") -> dict[str, Any]:
    return {"contextType": kind, "content": {"text": text}}


async def a_talk(asker: Asker, user: str, *lines: tuple[str, str]) -> None:
    """A conversation, each line said by somebody with a name."""
    talk = (await asker.data(TALK, user=user))["createConversation"]["conversation"]["id"]
    turns = [
        {
            "contextType": "conversation",
            "content": {"role": "user", "name": name, "message": text},
            "conversationId": talk,
            "createdAt": f"2026-11-20T12:{minute:02}:00Z",
        }
        for minute, (name, text) in enumerate(lines)
    ]
    await asker.data(STORE, user=user, contexts=turns)


async def test_the_best_find_comes_first_and_shows_the_parts_of_its_score(asker: Asker) -> None:
    user = await known(
        asker,
        fact("Ada plays chess on Sundays."),
        fact("Ada drinks tea."),
        fact("Charles plays the violin."),
    )
    found = await searched(asker, user, "What does Ada play on Sundays?")
    best, *others = found["edges"]
    assert best["node"]["text"] == "Ada plays chess on Sundays."
    assert best["score"] == 1
    assert best["keywordScore"] > max(edge["keywordScore"] for edge in others)
    assert best["semanticScore"] is None
    assert [edge["score"] for edge in others] == sorted(
        (edge["score"] for edge in others), reverse=True
    )
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": best["cursor"],
        "endCursor": others[-1]["cursor"],
    }


async def test_who_spoke_and_the_type_are_searched_too(asker: Asker) -> None:
    user = await known(asker, fact("It is raining.", "weather_report"), fact("It is late."))
    await a_talk(asker, user, ("Grace", "I found it in relay 70."), ("Ada", "A moth?"))
    assert texts(await searched(asker, user, "weather"))[0] == "text: It is raining."
    assert texts(await searched(asker, user, "what has Grace found"))[0].startswith("Grace: ")


async def test_what_was_said_beside_a_find_comes_along(asker: Asker) -> None:
    user = await a_user(asker)
    await a_talk(
        asker,
        user,
        ("Ada", "Good morning."),
        ("Charles", "Which instrument did you buy?"),
        ("Ada", "The one in the window. It sounds lovely."),
        ("Charles", "Well done."),
        ("Ada", "Yes."),
    )
    found = await searched(asker, user, "instrument")
    assert texts(found)[0] == "Charles: Which instrument did you buy?"
    assert set(texts(found)[1:]) == {
        "Ada: Good morning.",
        "Ada: The one in the window. It sounds lovely.",
        "Charles: Well done.",
    }
    beside = found["edges"][1]
    assert beside["keywordScore"] is None
    assert beside["score"] == pytest.approx(0.5, abs=0.01)


async def test_a_filter_narrows_the_search_and_its_neighbours(asker: Asker) -> None:
    user = await known(asker, fact("Chess is played here."), fact("No chess, please.", "rule"))
    await a_talk(asker, user, ("Ada", "Chess?"), ("Charles", "Gladly."))
    only = {"contextTypes": ["rule"]}
    assert texts(await searched(asker, user, "chess", filter=only)) == ["text: No chess, please."]


async def test_no_more_are_given_than_asked_for_and_noise_not_at_all(asker: Asker) -> None:
    user = await known(
        asker,
        fact("Relay seventy of the Mark II held a moth that Grace taped into the logbook."),
        *(fact(f"Grace wrote letter number {n}.") for n in range(12)),
    )
    found = await searched(asker, user, "Which moth was in relay seventy of the Mark II, Grace?")
    assert len(found["edges"]) == 1
    one = await searched(asker, user, "letter", first=1)
    assert len(one["edges"]) == 1
    assert one["pageInfo"]["hasNextPage"]
    assert (await searched(asker, user, "letter", first=0))["edges"] == []


async def test_of_two_that_fit_as_well_the_younger_is_better(asker: Asker) -> None:
    old = fact("The password is swordfish.") | {"createdAt": "2020-01-01T00:00:00Z"}
    user = await known(asker, fact("The password is herring."), old)
    assert texts(await searched(asker, user, "password")) == [
        "The password is herring.",
        "The password is swordfish.",
    ]


async def test_another_users_contexts_are_never_found(asker: Asker) -> None:
    await known(asker, fact("Ada plays chess."))
    grace = await a_user(asker, "grace")
    assert (await searched(asker, grace, "chess"))["edges"] == []


@pytest.mark.parametrize("wrong", ["", "a\x00b", "x" * 32_769])
async def test_a_query_that_cannot_be_is_refused(asker: Asker, wrong: str) -> None:
    user = await a_user(asker)
    assert await asker.refused(SEARCH, user=user, words=wrong) == "BAD_USER_INPUT"


async def test_meaning_needs_an_embedding_model_and_the_refusal_says_so(asker: Asker) -> None:
    user = await a_user(asker)
    error = await asker.error(SEARCH, user=user, words="chess", mode="SEMANTIC")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "CONTEXTQL_EMBEDDING_MODEL" in error["message"]
