"""Every place of the graph where a value goes in, with every value that should not."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.observe import Fact
from tests.asking import the_graph
from tests.door.attacks.judging import UNLIMITED, faults, wrong_with
from tests.door.attacks.probes import WAYS, Probe, is_live, probes, sent_with, types_with_arguments
from tests.door.attacks.values import HOSTILE, TEXTS
from tests.door.conftest import Served
from tests.planted import over_http, planted
from tests.watching import frames

SCHEMA = the_graph()._schema

LAST = ("delete", "cancel", "erase")
"""The mutations that leave less to attack."""


def test_every_field_with_arguments_can_be_attacked() -> None:
    assert set(types_with_arguments(SCHEMA)) <= set(WAYS)


def is_last(probe: Probe) -> bool:
    return probe.place.startswith(LAST)


@pytest.mark.parametrize("parent", types_with_arguments(SCHEMA))
async def test_a_value_that_should_not_be_there_is_refused_or_does_no_harm(
    served: Served, facts: list[Fact], parent: str
) -> None:
    async with served(**UNLIMITED) as client:
        ids = (await planted(over_http(client), "ada")).ids
        found = {}
        for probe in sorted(probes(SCHEMA, parent, ids), key=is_last):
            for name, value in HOSTILE.get(probe.scalar, TEXTS).items():
                if wrong := await wrongs_of(client, probe, value) + faults(facts):
                    found[f"{probe.place}: {name}"] = wrong
                facts.clear()
        assert found == {}


async def wrongs_of(client: httpx.AsyncClient, probe: Probe, value: Any) -> list[str]:
    response = await sent_with(client, probe, value)
    told = [data for *_, data in frames(response.text) if data]
    answers = told if is_live(probe) else [response.text]
    errors = [error for one in answers for error in json.loads(one).get("errors", [])]
    wrong = [one for error in errors for one in wrong_with(error)]
    return wrong if response.status_code < 500 else [*wrong, f"status {response.status_code}"]


ROUND = """mutation($user: UpsertUserInput!) { upsertUser(input: $user) { user { externalId name metadata } } }"""


async def test_strange_text_is_kept_as_it_is(client: httpx.AsyncClient) -> None:
    ask = over_http(client)
    for text in TEXTS.values():
        if "\x00" in text or not 0 < len(text) < 200:
            continue
        user = {
            "externalId": text,
            "name": text,
            "metadata": {"a": text, "__proto__": {text: [text]}},
        }
        assert (await ask(ROUND, user=user))["upsertUser"]["user"] == user


async def test_a_letter_in_two_ways_is_two_users(client: httpx.AsyncClient) -> None:
    ask = over_http(client)
    for name in ("caf\u00e9", "cafe\u0301"):
        await ask(ROUND, user={"externalId": name})
    assert await ask("{ users { totalCount } }") == {"users": {"totalCount": 2}}
