"""What log lines hold, and what they never do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args
from uuid import UUID

import pytest
import structlog

from api.observe import By, ContextsTouched, Fact, Faulted, Kinds, ListenerLost
from api.telemetry.lines import EVENTS, SILENT
from api.telemetry.logs import LogFormat, Logs, configure


@pytest.fixture(autouse=True)
def configured_again() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_fault_is_logged_with_its_place_and_without_what_was_being_worked_on(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(message: str) -> None:
        raise RuntimeError(f"it had {len(message)} characters")

    configure(log_format)
    try:
        stumble("what Ada told nobody")
    except RuntimeError as error:
        Logs(slow=1)(Faulted("request-1", "generation", error))
    line = capsys.readouterr().err
    assert "it had 20 characters" in line
    assert "in stumble" in line or '"name":"stumble"' in line
    assert "Ada told" not in line.replace('stumble("what Ada told nobody")', "")


def test_every_fact_has_a_line_of_its_own_or_is_known_to_have_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert set(EVENTS) | SILENT == set(get_args(Fact))
    assert not set(EVENTS) & SILENT
    assert len({name for name, _ in EVENTS.values()}) == len(EVENTS)
    configure("json")
    Logs(slow=1)(ListenerLost("gone"))
    assert '"level":"warning","event":"listener_lost","reason":"gone"' in capsys.readouterr().err


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("behind", [False, True])
def test_an_error_that_may_quote_a_value_is_logged_without_its_text(
    log_format: LogFormat, behind: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_format)
    try:
        try:
            int("what Ada told nobody")
        except ValueError as error:
            if not behind:
                raise
            raise RuntimeError("this alone is harmless") from error
    except (ValueError, RuntimeError) as error:
        Logs(slow=1)(Faulted("request-1", "generation", error))
    line = capsys.readouterr().err
    assert "ValueError" in line
    assert "test_an_error_that_may_quote" in line
    assert "Ada told" not in line.replace('int("what Ada told nobody")', "")


@pytest.mark.parametrize("request_id", ["request-1", ""])
def test_a_line_of_contexts_is_the_same_alone_and_beside_a_fault(
    request_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, ben = UUID(int=1), UUID(int=2)
    each = [(ada, Kinds('knowledge,"odd"', 3)), (ben, Kinds("", 0))]
    fact = ContextsTouched("read", each, 0.5, By(request_id, "key:cql_1", str(ada)))
    configure("json")
    log = Logs(slow=1)
    log(fact)
    at_once = capsys.readouterr().err.splitlines()
    # What has a traceback goes another way, and takes along what is told with it.
    log.of_several([fact, Faulted("request-1", "generation", RuntimeError("odd"))])
    by_structlog = capsys.readouterr().err.splitlines()
    untimed = [[line.partition(",")[2] for line in told] for told in (at_once, by_structlog)]
    assert untimed[0] == untimed[1][:2]
    told = json.loads(at_once[0])
    assert (told["user_id"], told["context_type"]) == (str(ada), 'knowledge,"odd"')
    assert told["timestamp"].endswith("Z")
