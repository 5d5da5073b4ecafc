"""The key that the server makes for itself when nothing says who may ask, so that it is never open to everybody."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from api.console import refuse
from api.server import access
from api.settings import Settings
from api.viewer import Role
from db import api_keys
from db.api_keys import MARK, Grant
from db.embedded import made_folder
from db.pool import Database, opened

NAME = "service-key"
"""Of the file in the data folder, and of the key in lists."""


class Unreadable(Exception):
    """The file is there and holds no key; the text says what to do."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The key, the file that keeps it, and whether it was made just now."""

    key: str
    path: Path
    is_new: bool


async def first_key(settings: Settings, database_url: str) -> OwnKey | None:
    """The server's own key, if nothing else says who may ask. Where others can reach it, that ends the program."""
    if settings.takes_tokens:
        return None
    async with opened(access(settings, database_url)) as db:
        try:
            if not await is_alone(db, settings.data_dir):
                return None
            if not settings.is_loopback:
                refuse(
                    f"CONTEXTQL_HOST: other machines can reach {settings.host}, and nothing says who may ask; "
                    "set CONTEXTQL_JWT_SECRET or CONTEXTQL_JWT_JWKS_URL, or make a key first: "
                    "contextql keys create --name first --role service"
                )
            return await own_key(db, made_folder(settings.data_dir))
        except Unreadable as error:
            refuse(f"{error}.")


async def is_alone(db: Database, folder: Path) -> bool:
    """Whether there is no other key to ask with. Raises `Unreadable`."""
    kept = _kept(folder / NAME)
    return not await api_keys.others_usable(db, [api_keys.hashed(kept)] if kept else [])


async def own_key(db: Database, folder: Path) -> OwnKey | None:
    """The key that the folder keeps, made if there is none, and let in; None if it was revoked. Raises `Unreadable`."""
    path = folder / NAME
    kept = _kept(path)
    key = kept or _written(path, api_keys.new_key())
    await api_keys.register(db, key, Grant(NAME, Role.SERVICE))
    found = await api_keys.by_hash(db, api_keys.hashed(key))
    if found is None or found.revoked_at is not None:
        return None
    return OwnKey(key, path, is_new=kept is None)


def _kept(path: Path) -> str | None:
    try:
        text = path.read_text().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    if not text.startswith(MARK) or len(text.split()) != 1:
        raise Unreadable(f"{path} holds no key; remove it, and the next start makes a new one")
    return text


def _written(path: Path, key: str) -> str:
    """The key as the file keeps it: this one, or that of a process which was faster."""
    # Whole and for nobody else's eyes before it has its name.
    draft = path.with_name(f".{NAME}-{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return _kept(path) or key
