"""Exports in memory, what they are made of, and what they become."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from api.carry.incoming import taken_in
from api.carry.outgoing import exporting
from api.carry.sealed import Sealed
from db import users
from db.intake import Tally
from db.pool import Database

# What is a user's and is left behind: credentials, retries, the trail, and what is still to be embedded here.
LEFT_BEHIND = {"api_keys", "idempotency_keys", "audit_trail", "unembedded"}

TABLES = """
select c.table_name as name, array_agg(c.column_name::text order by c.ordinal_position) as columns
from information_schema.columns c
where c.table_schema = 'public' and c.table_name not like 'own!_%' escape '!' and (
    c.table_name = 'users' or c.table_name in (
        select o.table_name from information_schema.columns o
        where o.table_schema = 'public' and o.column_name = 'user_id'
    )
)
group by c.table_name
"""

# Hashed together with the user's id.
OF_THE_USER = {"terms"}


async def exported(db: Database, external_id: str = "ada", *, embedded: bool = False) -> bytes:
    out = BytesIO()
    async with exporting(db, external_id) as export:
        await export.write(out, lambda _: None, embedded=embedded)
    return out.getvalue()


async def imported(db: Database, file: bytes, external_id: str | None = None) -> dict[str, Tally]:
    return await taken_in(db, Sealed(BytesIO(file)), external_id, lambda _: None)


async def rows(db: Database, external_id: str = "ada") -> dict[str, list[dict[str, Any]]]:
    """All rows of the user, by table, without what names the user."""
    user = users.id_of(db, external_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for name, columns in await db.fetch(TABLES):
        if name in LEFT_BEHIND:
            continue
        owner = "id" if name == "users" else "user_id"
        wanted = ", ".join(f"{one}::text" for one in columns if one not in {owner, *OF_THE_USER})
        read = await db.fetch(f"select {wanted} from {name} where {owner} = $1", user)
        found[name] = sorted((dict(row) for row in read), key=str)
    return found


def parsed(file: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.splitlines()]


def sealed_anew(lines: Iterable[dict[str, Any]]) -> bytes:
    """A file of these lines whose seals and counts fit them, whatever they hold."""
    digest = hashlib.sha256()
    kept = [dict(line) for line in lines]
    counts = dict.fromkeys(kept[-1]["counts"], 0)
    file = b""
    for line in kept:
        if line["kind"] in counts:
            counts[line["kind"]] += 1
        if line["kind"] in {"seal", "trailer"}:
            line["sha256"] = digest.hexdigest()
        if line["kind"] == "trailer":
            line["counts"] = counts
        raw = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        digest.update(raw)
        file += raw
    return file
