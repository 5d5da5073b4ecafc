"""A subscription may last for long: what it holds must not grow with its events."""

from __future__ import annotations

import gc

from db.pool import Access
from tests.responding import EVENTS, a_user, answering, begun, events
from tests.scripted import Paced, paced

EACH = 10


async def test_nothing_is_kept_of_an_event_that_was_told(reached: Access) -> None:
    async with answering(reached, {"paced": Paced()}, delta_pause=0.001) as asker:
        id = await begun(asker, await a_user(asker), paced(400, 0.002))
        assert len(await events(asker, id)) > 100
        held: list[int] = []
        count = 0
        async for _ in asker.follow(EVENTS, id=id):
            count += 1
            # Counting takes a while, so it is not done at every event.
            if count % EACH == 0:
                held.append(len(gc.get_objects()))
        # Without the first, whose response is loaded, and the last.
        assert max(held[1:-1]) - min(held[1:-1]) < count
