from __future__ import annotations

import pytest

from api.door.accept import GRAPHQL_RESPONSE, JSON, negotiated, prefers_html
from api.door.request_id import request_id


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON; charset=utf-8", JSON),
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        ("application/json;q=0.9, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;q=0.1, application/json", JSON),
        ("text/html, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("text/html", None),
        ("application/jsonx", None),
        ("application/json;q=0", None),
        ("application/json;q=much", None),
        (",;,=", None),
    ],
)
def test_the_answer_comes_in_what_is_preferred(accept: str | None, answer: str | None) -> None:
    assert negotiated(accept) == answer


def test_a_browser_is_told_by_its_wish_for_html() -> None:
    assert prefers_html("text/html,application/xhtml+xml,*/*;q=0.8")
    assert not prefers_html("*/*")
    assert not prefers_html("text/html;q=0, application/json")
    assert not prefers_html(None)


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "a\nb", "é", "<script>"])
def test_only_a_sane_request_id_is_kept(given: str | None) -> None:
    assert request_id("req-1.A_b") == "req-1.A_b"
    made = request_id(given)
    assert made != given
    assert len(made) == 32
