"""Every place that takes an id or a cursor, with those of another user: nothing is read, and nothing is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.observe import Fact
from db.pool import Database
from tests.asking import the_graph
from tests.credential import client_of
from tests.door.attacks.judging import UNLIMITED, faults
from tests.door.attacks.probes import GOOD, Probe, probes, sent_with, types_with_arguments
from tests.door.conftest import Served
from tests.planted import EVERYTHING, WORDS, Planted, over_http, planted

SCHEMA = the_graph()._schema


def borrowed(parent: str, mine: Planted, other: Planted) -> list[tuple[Probe, Any]]:
    """All that names what is another's: in its arguments, or in the way that leads to it."""
    named = [
        (probe, value)
        for probe in probes(SCHEMA, parent, mine.ids)
        for value in (*other.ids.values(), *other.cursors, other.external_id)
        if probe.scalar in {"ID", "String"}
    ]
    reached = [
        (probe, GOOD[probe.scalar])
        for probe in probes(SCHEMA, parent, other.ids)
        if probe.scalar in GOOD
    ]
    return [*named, *reached]


@pytest.mark.parametrize("parent", types_with_arguments(SCHEMA))
async def test_what_is_anothers_is_neither_read_nor_changed(
    served: Served, facts: list[Fact], db: Database, parent: str
) -> None:
    async with served(**UNLIMITED) as service:
        mine, other = [await planted(over_http(service), name) for name in WORDS]
        async with client_of(service, db, "ada") as hers, client_of(service, db, "bob") as his:
            before = await over_http(his)(EVERYTHING, id=other.user)
            assert WORDS["bob"] in json.dumps(before)
            found = {}
            for probe, value in borrowed(parent, mine, other):
                told = (await sent_with(hers, probe, value)).text.lower()
                if WORDS["bob"] in told or faults(facts):
                    found[f"{probe.place}: {value}"] = [told, *faults(facts)]
                facts.clear()
            assert found == {}
            assert await over_http(his)(EVERYTHING, id=other.user) == before
