"""Work that is done while a client is there, and what it takes to look after it."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from api.door.begun import Begun
from api.door.doing import Gone, while_there
from tests.waiting import until

LONG = 60.0


class Client:
    """Asks, and goes away when it is told to."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()
        self.is_looked_after = False

    async def receive(self) -> Message:
        self.is_looked_after = True
        await self.leaves.wait()
        return {"type": "http.disconnect"}


async def answered_at_once() -> str:
    return "done"


async def answered_later() -> str:
    for _ in range(3):
        await asyncio.sleep(0)
    return "done"


async def failing_later() -> str:
    await asyncio.sleep(0)
    raise KeyError("of its own")


async def late_by_itself() -> str:
    async with asyncio.timeout(0):
        await asyncio.Event().wait()
    return "never"


async def test_work_that_has_to_wait_for_nothing_is_done_when_it_is_begun() -> None:
    begun = Begun(answered_at_once())
    assert not begun.waits
    assert await begun == "done"


async def test_work_that_waits_goes_on_where_it_was() -> None:
    begun = Begun(answered_later())
    assert begun.waits
    assert await begun == "done"


async def test_who_gave_the_work_up_is_heard_by_it() -> None:
    was_given_up = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            was_given_up.set()

    async def begin() -> None:
        await Begun(work())

    task = asyncio.create_task(begin())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert was_given_up.is_set()


async def test_nobody_looks_after_a_client_whose_answer_is_there() -> None:
    client = Client()
    assert await while_there(client.receive, Begun(answered_at_once()), LONG) == "done"
    assert not client.is_looked_after


async def test_nobody_looks_after_a_client_whose_answer_is_there_soon() -> None:
    client = Client()
    assert await while_there(client.receive, Begun(answered_later()), LONG) == "done"
    assert not client.is_looked_after


async def test_who_stays_has_the_answer() -> None:
    client = Client()

    async def work() -> str:
        await until(lambda: client.is_looked_after)
        return "done"

    assert await while_there(client.receive, Begun(work()), LONG) == "done"
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_leaves_takes_the_work_along() -> None:
    client = Client()
    was_given_up = asyncio.Event()

    async def work() -> None:
        asyncio.get_running_loop().call_soon(client.leaves.set)
        try:
            await asyncio.Event().wait()
        finally:
            was_given_up.set()

    with pytest.raises(Gone):
        await while_there(client.receive, Begun(work()), LONG)
    assert was_given_up.is_set()
    # Nothing of it is left over for what comes next.
    await asyncio.sleep(0)


async def test_who_leaves_in_the_moment_of_the_answer_harms_nobody() -> None:
    client = Client()

    async def work() -> str:
        await until(lambda: client.is_looked_after)
        client.leaves.set()
        return "done"

    assert await while_there(client.receive, Begun(work()), LONG) == "done"
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("work", "error"), [(failing_later, KeyError), (late_by_itself, TimeoutError)]
)
async def test_what_the_work_raises_is_its_own(work: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        await while_there(Client().receive, Begun(work()), LONG)  # type: ignore[operator]


async def test_what_takes_too_long_is_given_up() -> None:
    was_given_up = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            was_given_up.set()

    with pytest.raises(TimeoutError):
        await while_there(Client().receive, Begun(work()), 0.01)
    assert was_given_up.is_set()
