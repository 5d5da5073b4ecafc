"""Spans: one for each stretch of work, within that of the stretch around it.

The stretch that one is in stands in OpenTelemetry's context. A task that is started has a copy of it, so that what it
does lies within the same stretch, and what it opens nobody else sees.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from time import time_ns

from opentelemetry.context import Context, attach, create_key, get_current, get_value, set_value
from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from api.observe import Began, Ended, Fact, OperationEnded
from api.observe.stretches import Execution, Statement, Stretch
from api.telemetry.spans import Attributes, added, shape, spent

LEFT = {"CancelledError", "GeneratorExit", "Gone"}
"""What ends a stretch without anything having failed: nobody waits for it any more."""


@dataclass(slots=True, eq=False)
class _Open:
    """A stretch that has begun; `before` is the context around it, in which `around` is open."""

    stretch: Stretch
    span: Span
    before: Context
    around: _Open | None
    ended_at: int | None = None
    """In nanoseconds, once it has."""


class Traces:
    """The observer that makes spans. It never raises, and what it cannot place it leaves out."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._parents = TraceContextTextMapPropagator()
        self._within = create_key("contextql.within")
        self._executed = create_key("contextql.executed")

    def __call__(self, fact: Fact) -> None:
        with suppress(Exception):
            match fact:
                case Began(stretch):
                    self._begin(stretch)
                case Ended():
                    self._end(fact)
                case OperationEnded():
                    self._tell_of(fact)
                case _:
                    _add(added(fact))

    def _begin(self, stretch: Stretch) -> None:
        before = get_current()
        drawn = shape(stretch)
        if drawn is None or (isinstance(stretch, Statement) and not _is_within_a_span(before)):
            return
        span = self._tracer.start_span(
            drawn.name, self._parent(stretch, before), drawn.kind, drawn.attributes
        )
        opened = _Open(stretch, span, before, self._innermost())
        # The token is not kept: a stretch ends by the context that was before it, also where another one ended late.
        attach(set_value(self._within, opened, set_span_in_context(span, before)))

    def _parent(self, stretch: Stretch, before: Context) -> Context:
        if isinstance(stretch, Execution) and stretch.traceparent:
            return self._parents.extract({"traceparent": stretch.traceparent}, before)
        return before

    def _innermost(self) -> _Open | None:
        opened = get_value(self._within)
        return opened if isinstance(opened, _Open) else None

    def _end(self, fact: Ended) -> None:
        innermost = opened = self._innermost()
        while opened and (opened.ended_at or opened.stretch != fact.stretch):
            opened = opened.around
        if opened is None:
            return
        opened.ended_at = time_ns()
        _judge(opened.span, fact.failure)
        if not isinstance(fact.stretch, Execution):
            opened.span.end(opened.ended_at)
        self._leave(innermost, opened)

    def _leave(self, innermost: _Open | None, ended: _Open) -> None:
        """Be where one was before the innermost stretch, and before those around it that have ended already."""
        context = get_current()
        while innermost and innermost.ended_at:
            context, innermost = innermost.before, innermost.around
        if isinstance(ended.stretch, Execution):
            # Its span waits for what is observed of the operation at its end.
            context = set_value(self._executed, ended, context)
        attach(context)

    def _tell_of(self, fact: OperationEnded) -> None:
        executed = get_value(self._executed)
        if not isinstance(executed, _Open):
            # It never began: there is nothing but the request to say it of.
            _add(spent(fact))
            return
        executed.span.set_attributes(spent(fact))
        if fact.codes:
            executed.span.set_status(StatusCode.ERROR, fact.codes[0])
        executed.span.end(executed.ended_at)
        attach(set_value(self._executed, None))


def _is_within_a_span(context: Context) -> bool:
    return get_current_span(context).get_span_context().is_valid


def _add(told: Attributes) -> None:
    """Say it of the span that one is in. One that has ended already, such as that of a mutation whose answer goes on,
    takes nothing more.
    """
    span = get_current_span()
    if told and span.is_recording():
        span.set_attributes(told)


def _judge(span: Span, failure: str | None) -> None:
    """The class of what ended it is said, and nothing else of it."""
    if failure in LEFT:
        span.set_attribute("contextql.given_up", value=True)
    elif failure:
        span.set_status(StatusCode.ERROR, failure)
        span.set_attribute("error.type", failure)
