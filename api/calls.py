"""How a call of a model ended, as it is observed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from api.errors import ErrorCode, Refusal
from api.observe import Observer, TextsEmbedded, milliseconds

CANCELLED = "CANCELLED"


@contextmanager
def embedding(observe: Observer, model: str, purpose: str, texts: int) -> Iterator[None]:
    """The block has so many texts embedded: a `query`, or `documents`."""
    began = perf_counter()
    code = None
    try:
        yield
    except BaseException as error:
        code = code_of(error)
        raise
    finally:
        observe(TextsEmbedded(model, purpose, texts, code, milliseconds(began)))


def code_of(error: BaseException) -> str:
    """Why a model failed, as a code."""
    match error:
        case Refusal():
            return str(error.code)
        case TimeoutError():
            return ErrorCode.MODEL_TIMEOUT
        case asyncio.CancelledError() | GeneratorExit():
            return CANCELLED
        case _:
            return ErrorCode.INTERNAL
