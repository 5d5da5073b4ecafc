"""How operations are executed: what a subscription holds does not grow, and refusals give no hints."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from dataclasses import replace

import pytest

from api.schema.executor import Unbegun
from db import statistics
from db.pool import Access
from tests.asking import SETTINGS, asking
from tests.responding import EVENTS, a_user, answering, begun, events
from tests.scripted import Paced, paced

EACH = 10


async def test_nothing_is_kept_of_an_event_that_was_told(reached: Access) -> None:
    async with answering(reached, {"paced": Paced()}, delta_pause=0.001) as asker:
        id = await begun(asker, await a_user(asker), paced(1000, 0.002))
        # So many as a busy machine makes of a thousand words.
        assert len(await events(asker, id)) > 4 * EACH
        held: list[int] = []
        count = 0
        async for _ in asker.follow(EVENTS, id=id):
            count += 1
            # Counting takes a while, so it is not done at every event.
            if count % EACH == 0:
                held.append(len(gc.get_objects()))
        # Without the first, whose response is loaded, and the last.
        assert max(held[1:-1]) - min(held[1:-1]) < count


async def test_what_is_wrong_with_a_variable_is_said_without_hints(reached: Access) -> None:
    asked = "query($by: UserBy!, $mode: SearchMode! = HYBRID) { user(by: $by) { %s } }"
    asked %= 'id search(query: "q", mode: $mode) { edges { score } }'
    wrong = {"by": {"externlId": "ada"}, "mode": "HYBRD"}
    for suggestions in (False, True):
        settings = SETTINGS.model_copy(update={"suggestions": suggestions})
        async with asking(reached, settings=settings) as asker:
            told = str((await asker.ask(asked, **wrong))["errors"])
        assert "unknown field 'externlId'" in told
        assert ("Did you mean" in told) is suggestions
        assert ("HYBRID" in told) is suggestions


SEVERAL = "{ stats { activity { since points { at } models { model } } } }"


@pytest.mark.parametrize("turns", range(6))
async def test_what_is_given_up_before_it_has_begun_is_not_complained_about(
    reached: Access, turns: int
) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Task[object]

    def give_up(left: int) -> None:
        if left:
            loop.call_soon(give_up, left - 1)
        else:
            asked.cancel()

    def answered(sql: str, _: float) -> None:
        # Soon after it three fields begin at once.
        if sql == statistics.STATISTICS and asyncio.current_task() is asked:
            loop.call_soon(give_up, turns)

    async with asking(replace(reached, on_answer=answered)) as asker:
        asked = asyncio.create_task(asker.ask(SEVERAL))
        with suppress(asyncio.CancelledError):
            await asked
        gc.collect()


async def test_what_is_awaited_is_held_until_it_has_answered() -> None:
    async def answered() -> int:
        await asyncio.sleep(0)
        return 1

    assert await Unbegun(answered()) == 1
