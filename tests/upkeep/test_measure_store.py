"""What is stored is measured again and again, and told."""

from __future__ import annotations

from api.observe import Fact, LargestUsers, StoreMeasured
from api.upkeep.measure_store import measure_largest, measure_store
from db import context_writes, statistics
from db.pool import Access, Database
from tests.asking import asking
from tests.making import a_user, knowledge
from tests.waiting import until


async def test_how_much_there_is_and_who_has_the_most_are_told(db: Database) -> None:
    facts: list[Fact] = []
    ada, bob = await a_user(db), await a_user(db, "bob")
    await context_writes.create_many(db, ada.id, [knowledge("Chess.")] * 3)
    await context_writes.create_many(db, bob.id, [knowledge("Chess.")] * 5)
    await measure_store(db, facts.append)
    await measure_largest(db, facts.append)
    measured, largest = facts
    assert isinstance(measured, StoreMeasured)
    assert (measured.users, measured.contexts, measured.responses) == (2, 8, 0)
    assert (measured.average_rating, measured.is_estimated) == (None, False)
    assert measured.bytes == (await statistics.measured(db)).bytes > 0
    assert isinstance(largest, LargestUsers)
    assert [(id, contexts) for id, contexts, _ in largest.users] == [
        (str(bob.id), 5),
        (str(ada.id), 3),
    ]
    assert all(bytes > 100 for _, _, bytes in largest.users)


async def test_a_server_tells_both_when_it_starts(reached: Access) -> None:
    async with asking(reached) as asker:
        await until(lambda: {StoreMeasured, LargestUsers} <= {type(fact) for fact in asker.facts})
