"""What facts are counted as, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.activity.counting import MOST_MINUTES, Counting
from api.observe import (
    By,
    Fact,
    ListenerLost,
    ModelCalled,
    OperationEnded,
    ResponseEnded,
    Retrieved,
    Spent,
    StoreMeasured,
)
from db.activity import Minute, ModelCounts, StoreSize

BEGAN = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.time = BEGAN.timestamp()

    def __call__(self) -> float:
        return self.time


def operation(*codes: str) -> OperationEnded:
    return OperationEnded(
        By("request-1", "key:cql_1"), "http", "query", None, codes, 2.0, Spent(), None
    )


def response(status: str = "COMPLETED", first_word_ms: float | None = 30.0) -> ResponseEnded:
    return ResponseEnded("r", "u", "wise", status, None, 90.0, first_word_ms, None)


def called(purpose: str, cost_usd: float | None) -> ModelCalled:
    return ModelCalled("wise", purpose, None, 5.0, 80.0, 100, 10, cost_usd)


def counted(*facts: Fact) -> Minute:
    """The one minute in which all of them were observed."""
    counting = Counting(Clock())
    for fact in facts:
        counting(fact)
    counting.end()
    (minute,) = counting.ended()
    return minute


def test_an_operation_with_an_error_counts_as_one_whatever_the_errors_are() -> None:
    minute = counted(operation(), operation("NOT_FOUND", "TIMEOUT"), operation())
    assert (minute.at, minute.operations, minute.errors) == (BEGAN, 3, 1)


def test_answers_count_for_themselves_and_for_their_model() -> None:
    minute = counted(
        response(), response("FAILED", None), response("CANCELLED"),
        called("answer", 0.25), called("summary", None), called("answer", 0.5),
    )  # fmt: skip
    assert (minute.responses, minute.failed_responses, sum(minute.first_token)) == (3, 1, 2)
    assert minute.models == {"wise": ModelCounts("wise", 3, 1, 300, 30, 0.75)}


def test_a_model_without_a_price_has_cost_nothing_that_is_known() -> None:
    assert counted(called("answer", None)).models["wise"].cost_usd is None
    assert counted(called("answer", 0.0)).models["wise"].cost_usd == 0


def test_of_the_measures_of_a_minute_the_last_counts() -> None:
    measures = [StoreMeasured(n, 10 * n, n, 1000 * n, None, False) for n in (1, 2)]
    assert counted(*measures).store == StoreSize(2, 20, 2, 2000)


def test_each_minute_is_counted_by_itself_and_given_when_it_is_over() -> None:
    clock = Clock()
    counting = Counting(clock)
    counting(Retrieved("u", "search", 1, 5.0))
    clock.time += 59
    counting(operation())
    assert counting.ended() == []
    clock.time += 1
    (first,) = counting.ended()
    assert (first.operations, sum(first.retrieval)) == (1, 1)
    counting(operation())
    assert counting.ended() == [first]
    counting.forget(first)
    counting.end()
    (second,) = counting.ended()
    assert (second.at, second.operations) == (BEGAN + timedelta(minutes=1), 1)


def test_what_is_counted_while_the_store_takes_a_minute_is_not_lost() -> None:
    counting = Counting(Clock())
    counting(operation())
    counting.end()
    (first,) = counting.ended()
    counting(operation())
    counting.forget(first)
    counting.end()
    (again,) = counting.ended()
    assert (again.at, first.operations, again.operations) == (first.at, 1, 1)


def test_a_clock_that_is_set_back_counts_in_the_earlier_minute_again() -> None:
    clock = Clock()
    counting = Counting(clock)
    for moved in (0, 60, -60):
        clock.time += moved
        counting(operation())
    counting.end()
    assert [one.at.minute for one in counting.ended()] == [0, 1, 0]


def test_for_a_store_that_stays_away_the_newest_minutes_are_kept() -> None:
    clock = Clock()
    counting = Counting(clock)
    for _ in range(MOST_MINUTES + 10):
        counting(operation())
        clock.time += 60
    kept = counting.ended()
    assert len(kept) == MOST_MINUTES
    assert kept[0].at == BEGAN + timedelta(minutes=10)


def test_without_anything_to_count_there_is_no_minute() -> None:
    clock = Clock()
    counting = Counting(clock)
    counting(ListenerLost("gone"))
    clock.time += 60
    counting.end()
    assert counting.ended() == []
