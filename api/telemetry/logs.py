"""Log lines: one for each fact that has one, for people or for machines; those of libraries look the same."""

from __future__ import annotations

import logging
import sys
from itertools import chain
from typing import Any, Literal, TextIO

import orjson
import structlog

from api.observe import Fact
from api.telemetry.lines import EVENTS, SILENT, TRACED, lines
from api.telemetry.unquoted import unquoted
from api.telemetry.written import written

LogFormat = Literal["auto", "console", "json"]

# The local variables of a traceback hold messages, contexts and keys.
_WHERE = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)

_STAMPED: tuple[structlog.typing.Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


FILTERING = structlog.make_filtering_bound_logger(logging.INFO)


class Straight(FILTERING):  # type: ignore[misc, valid-type]  # structlog has made it
    """For machines: lines without a traceback are written at once, as the processors would write them."""

    def tell(self, facts: list[Fact], slow_ms: float) -> None:
        self._logger.msg(written(facts, slow_ms))


class Logs:
    """The observer that writes. An operation that takes longer than so many seconds is a warning."""

    hears = frozenset(EVENTS)

    def __init__(self, slow: float) -> None:
        self._slow_ms = slow * 1000
        self._log = structlog.get_logger("contextql").bind()

    def __call__(self, fact: Fact) -> None:
        self.of_several([fact])

    def of_several(self, facts: list[Fact]) -> None:
        """Write the lines of all of them; where none has a traceback, in one piece."""
        telling = [fact for fact in facts if type(fact) not in SILENT]
        if not isinstance(self._log, Straight) or not TRACED.isdisjoint(map(type, telling)):
            self._tell_through(telling)
        elif telling:
            self._log.tell(telling, self._slow_ms)

    def _tell_through(self, facts: list[Fact]) -> None:
        """By way of structlog's processors."""
        several = [lines(fact, self._slow_ms) for fact in facts]
        for level, event, fields, error in chain.from_iterable(several):
            tell = getattr(self._log, level)
            if error is None:
                tell(event, **fields)
            else:
                tell(event, **fields, exc_info=unquoted(error))


def configure(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Set up how log lines look and where they go, for the whole process; without a stream to standard error."""
    stream = stream or sys.stderr
    pretty = log_format == "console" or (log_format == "auto" and stream.isatty())
    renderers = _for_people(stream) if pretty else _for_machines()
    structlog.configure(
        processors=[*_STAMPED, *renderers],
        wrapper_class=FILTERING if pretty else Straight,
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(stream, renderers, logging.WARNING if pretty else logging.INFO)


def _for_people(stream: TextIO) -> list[structlog.typing.Processor]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _for_machines() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.ExceptionRenderer(_WHERE),
        _headed,
        structlog.processors.JSONRenderer(serializer=_dumped),
    ]


def _headed(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """When and what first, for whoever reads it all the same."""
    head = {name: line.pop(name) for name in ("timestamp", "level", "event")}
    return {**head, **line}


def _dumped(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()


def _configure_libraries(
    stream: TextIO, renderers: list[structlog.typing.Processor], uvicorn: int
) -> None:
    """What libraries say through `logging` becomes lines of the same form."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_STAMPED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(uvicorn)
    # A database that is away is observed where somebody asks for it.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
