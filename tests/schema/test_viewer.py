"""`Query.viewer`: who asks, as the graph says it."""

from __future__ import annotations

from api import viewer
from api.schema.viewer import Role
from tests.asking import Asker

VIEWER = "{ viewer { role user { externalId name } } }"
STORE = 'mutation { upsertUser(input: { externalId: "ada", name: "Ada" }) { user { id } } }'


async def test_a_service_has_a_role_and_no_user(asker: Asker) -> None:
    await asker.data(STORE)
    assert (await asker.data(VIEWER))["viewer"] == {"role": "SERVICE", "user": None}


async def test_a_user_is_null_until_stored(asker: Asker) -> None:
    ada = asker.seen_by("ada")
    assert (await ada.data(VIEWER))["viewer"] == {"role": "USER", "user": None}
    await ada.data(STORE)
    seen = (await ada.data(VIEWER))["viewer"]
    assert seen == {"role": "USER", "user": {"externalId": "ada", "name": "Ada"}}
    bob = (await asker.seen_by("bob").data(VIEWER))["viewer"]
    assert bob == {"role": "USER", "user": None}


async def test_a_viewer_sees_how_much_may_still_be_asked(asker: Asker) -> None:
    asked = "{ viewer { rateLimit { limit remaining resetAt } } }"
    stands = (await asker.data(asked))["viewer"]["rateLimit"]
    assert 0 <= stands["remaining"] <= stands["limit"]


def test_the_roles_of_the_graph_are_those_of_the_credentials() -> None:
    assert [one.name for one in Role] == [one.name for one in viewer.Role]
