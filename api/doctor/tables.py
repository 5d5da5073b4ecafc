"""The tables and their indexes: whether all are there, and whether PostgreSQL goes by them."""

from __future__ import annotations

from collections.abc import Sequence

from api.doctor.database import Looked
from api.doctor.finding import Finding, fail, ok, warn
from db import diagnosis
from db.diagnosis import Index, Reading
from db.index_names import INDEXES

LARGE = 100_000
"""Rows above which to read a whole table is worth a word."""

SELDOM = 0.01
"""The part of all readings that whole ones may be: a count now and then, a dump at night."""

DEAD = 0.5
"""Dead rows for each live one that vacuum should not have let come to be."""

DEAD_LEAST = 10_000


async def indexes(it: Looked) -> Finding:
    found = await diagnosis.indexes(it.connection)
    broken = [index.name for index in found if not index.is_valid]
    if broken:
        return fail(
            "indexes",
            f"not whole, and used by nothing: {', '.join(broken)}",
            "run: reindex index concurrently <name>; one that begins with near_ may be dropped, and is made again",
        )
    missing = sorted(INDEXES - {index.name for index in found})
    if missing:
        return fail(
            "indexes",
            f"missing: {', '.join(missing)}",
            "make them as db/migrations has them, with: create index concurrently",
        )
    return _used(found)


def _used(found: Sequence[Index]) -> Finding:
    idle = [index.name for index in found if not index.scans and not index.is_unique]
    if not idle:
        return ok("indexes", f"all {len(found)} are there, whole and in use")
    return ok(
        "indexes",
        f"all {len(found)} are there and whole; not used since PostgreSQL counts: {', '.join(idle)}",
    )


async def scans(it: Looked) -> Finding:
    """Large tables that are read from end to end."""
    whole = [one for one in await diagnosis.readings(it.connection) if is_read_whole(one)]
    if not whole:
        return ok("scans", "no large table is often read as a whole")
    told = ", ".join(f"{one.table} ({one.scans} times, {one.live} rows)" for one in whole)
    return warn(
        "scans",
        f"read from end to end: {told}",
        "run: analyze; if it goes on, look at what is asked: slow operations in the log, or pg_stat_statements",
    )


def is_read_whole(one: Reading) -> bool:
    return one.live > LARGE and one.scans > SELDOM * (one.scans + one.index_scans)


async def vacuum(it: Looked) -> Finding:
    """Rows that are dead and still there."""
    full = [one for one in await diagnosis.readings(it.connection) if is_overfull(one)]
    if not full:
        return ok("vacuum", "dead rows are cleared away")
    told = ", ".join(f"{one.table} ({one.dead} dead, {one.live} live)" for one in full)
    return warn(
        "vacuum",
        f"dead rows stay: {told}",
        "see that autovacuum is on and no transaction is long, then run: vacuum (analyze) <table>",
    )


def is_overfull(one: Reading) -> bool:
    return one.dead > DEAD_LEAST and one.dead > DEAD * one.live
