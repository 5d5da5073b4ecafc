"""A second deployment beside the first: another database, under another namespace."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Embedded
from db.pool import Access, Database, opened
from tests.databases import database, run_sql


@pytest.fixture
async def elsewhere(postgres: Embedded) -> AsyncIterator[Access]:
    """How the other deployment's database is reached."""
    async with database(postgres) as url:
        await run_sql(url, "update deployment set namespace = gen_random_uuid()")
        yield Access(url=url)


@pytest.fixture
async def there(elsewhere: Access) -> AsyncIterator[Database]:
    async with opened(elsewhere) as database:
        yield database
