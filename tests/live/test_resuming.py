"""However often a viewer is cut off, what it has seen in all is the text: no gap, no repeat."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import app_on
from api.settings import Settings
from db.pool import Access
from tests.scripted import Paced, counted, paced
from tests.serving import serving
from tests.watching import WATCHES, Watch, begun_at, watched

ENDS = {"ResponseCompleted", "ResponseFailed", "ResponseCancelled"}


async def seen_in_parts(watch: Watch, url: str, id: str, cuts: list[int]) -> list[dict[str, Any]]:
    """What is seen by one who leaves after so many events, comes back, leaves again, and stays in the end."""
    seen: list[dict[str, Any]] = []
    for most in [*cuts, None]:
        if seen and seen[-1]["__typename"] in ENDS:
            break
        after = seen[-1]["seq"] if seen else 0
        seen += await watched(watch, url, id, after=after, most=most)
    return seen


@pytest.mark.parametrize("watch", WATCHES.values(), ids=WATCHES)
def test_the_parts_are_the_whole(reached: Access, watch: Watch) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        words=st.integers(0, 60),
        every=st.sampled_from([0.0, 0.001, 0.01]),
        cuts=st.lists(st.lists(st.integers(1, 6), max_size=8), min_size=1, max_size=5),
    )
    def parts_are_the_whole(words: int, every: float, cuts: list[list[int]]) -> None:
        asyncio.run(_check(reached, watch, paced(words, every), counted(words), cuts))

    parts_are_the_whole()


async def _check(
    reached: Access, watch: Watch, message: str, text: str, cuts: list[list[int]]
) -> None:
    knobs = Settings(_env_file=None, model="paced", delta_pause=0.01)
    app = app_on(knobs, reached, models={"paced": Paced()}, observe=lambda _: None)
    async with serving(app, knobs) as url:
        id = await begun_at(url, message)
        told = await asyncio.gather(*(seen_in_parts(watch, url, id, one) for one in cuts))
        for seen in told:
            assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
            assert "".join(event.get("text", "") for event in seen) == text
            assert seen[-1]["response"] == {"status": "COMPLETED", "text": text}
