"""What runs by itself, what it leans on, and how the processes and the store are."""

from __future__ import annotations

import platform
from importlib.metadata import version
from time import time

from api.observe import (
    EmbeddingBacklog,
    EmbeddingsIndexed,
    EmbeddingStalled,
    Ended,
    IssuerLost,
    LargestUsers,
    ListenerLost,
    NewsHeard,
    ProcessMeasured,
    SharedRatesLost,
    StoreMeasured,
    Swept,
    Waited,
)
from api.observe.stretches import Part, Statement, Upkeep
from api.telemetry.metrics import buckets
from api.telemetry.metrics.bounded import Models
from api.telemetry.metrics.making import Counted, CountedTogether, Making


class OfStretches:
    """The metrics of stretches that no other fact tells of, and how they are counted."""

    def __init__(self, make: Making) -> None:
        self.together: CountedTogether = {Ended: self._ended}
        self._ends = {Part: self._part, Upkeep: self._upkeep}
        self.kinds = frozenset({Statement, *self._ends})
        self._database_seconds = make.histogram(
            "database_seconds",
            "How long PostgreSQL took to answer one SQL statement.",
            buckets.SQL,
        )
        self._part_seconds = make.histograms(
            "retrieval_part_seconds",
            "How long a part of a retrieval took.",
            *(buckets.RETRIEVAL, "part"),
        )
        self._upkeep_seconds = make.histograms(
            "upkeep_seconds", "How long what runs by itself took.", buckets.UPKEEP, "task"
        )
        self._upkeep_failures = make.counters(
            "upkeep_failures_total", "How often what runs by itself has failed.", "task"
        )
        self._upkeep_success = make.of_all_by(
            "upkeep_last_success_timestamp_seconds",
            "When what runs by itself has last ended well, in Unix time.",
            "task",
        )

    def _ended(self, facts: list[Ended]) -> None:
        statements = []
        for fact in facts:
            kind = type(fact.stretch)
            if kind is Statement:
                statements.append(fact.duration_ms / 1000)
            elif kind in self._ends:
                self._ends[kind](fact)
        if statements:
            self._database_seconds.observe_all(statements)

    def _part(self, fact: Ended) -> None:
        if isinstance(fact.stretch, Part):
            self._part_seconds[fact.stretch.name].observe(fact.duration_ms / 1000)

    def _upkeep(self, fact: Ended) -> None:
        if not isinstance(fact.stretch, Upkeep):
            return
        name = fact.stretch.name
        self._upkeep_seconds[name].observe(fact.duration_ms / 1000)
        if fact.failure is None:
            self._upkeep_success[name].set(time())
        elif fact.failure != "CancelledError":
            self._upkeep_failures[name].inc()


class OfUpkeep:
    """The metrics of what runs by itself and of what it leans on, and how facts are counted in them."""

    def __init__(self, make: Making, models: Models) -> None:
        self._known = models.bounded
        self.counted: Counted = {
            Swept: self._swept,
            EmbeddingBacklog: self._embedding_backlog,
            EmbeddingStalled: self._embedding_stalled,
            EmbeddingsIndexed: self._embeddings_indexed,
            NewsHeard: self._news_heard,
            ListenerLost: self._lost,
            IssuerLost: self._lost,
            SharedRatesLost: self._lost,
        }
        self._swept_rows = make.counters(
            "swept_total",
            "Contexts that have `expired` or were `let_go` of, and rows that were `deleted` for good.",
            "kind",
        )
        self._backlog = make.of_all_by(
            "embedding_backlog",
            "Contexts that wait for their embedding: `missing`; of them `failing` were tried in vain.",
            *("model", "state"),
        )
        self._stalls = make.counters(
            "embedding_stalls_total",
            "How often the provider of an embedding model did not answer as it should.",
            "model",
        )
        self._indexes = make.counters(
            "embedding_indexes_total", "Indexes that were made for users with much.", "model"
        )
        self._lag = make.histogram(
            "notification_lag_seconds",
            "How long a notification took from the pool through PostgreSQL to the listener.",
            buckets.NEWS,
        )
        self._losses = {
            ListenerLost: make.counter(
                "listener_lost_total", "How often the listening connection went away."
            ),
            IssuerLost: make.counter(
                "issuer_lost_total",
                "How often the keys of the issuer of tokens could not be fetched.",
            ),
            SharedRatesLost: make.counter(
                "shared_rates_lost_total", "How often the Redis of the rate limits did not answer."
            ),
        }

    def _swept(self, fact: Swept) -> None:
        self._swept_rows["expired"].inc(fact.expired)
        self._swept_rows["let_go"].inc(fact.let_go)
        self._swept_rows["deleted"].inc(fact.deleted)

    def _embedding_backlog(self, fact: EmbeddingBacklog) -> None:
        model = self._known(fact.model)
        self._backlog[model, "missing"].set(fact.missing)
        self._backlog[model, "failing"].set(fact.failing)

    def _embedding_stalled(self, fact: EmbeddingStalled) -> None:
        self._stalls[self._known(fact.model)].inc()

    def _embeddings_indexed(self, fact: EmbeddingsIndexed) -> None:
        self._indexes[self._known(fact.model)].inc()

    def _lost(self, fact: ListenerLost | IssuerLost | SharedRatesLost) -> None:
        self._losses[type(fact)].inc()

    def _news_heard(self, fact: NewsHeard) -> None:
        self._lag.observe(fact.lag_ms / 1000)


class OfProcess:
    """What there is in a process just now."""

    def __init__(self, make: Making) -> None:
        self.counted: Counted = {ProcessMeasured: self._process_measured, Waited: self._waited}
        self._in_flight = make.of_each_by(
            "in_flight",
            "How many are there just now: `operations`, `subscriptions`, `sockets`.",
            "kind",
        )
        self._in_use = make.of_each(
            "pool_connections_in_use", "Connections to PostgreSQL that work just now."
        )
        self._open = make.of_each(
            "pool_connections_open", "Connections to PostgreSQL that there are."
        )
        self._limit = make.of_each(
            "pool_connections_limit", "Connections to PostgreSQL that there may be."
        )
        self._waits = make.histogram(
            "pool_wait_seconds",
            "How long a connection of the pool was waited for.",
            buckets.POOL_WAIT,
        )
        self._viewers = make.of_each(
            "live_viewers", "Who follows a response, or the contexts of a user, just now."
        )
        self._running = make.of_each("running_responses", "Responses that are generated just now.")
        self._loop_lag = make.of_the_worst(
            "event_loop_lag_seconds",
            "How late the event loop wakes who has slept; of several processes the latest.",
        )
        self._workers = make.of_each("workers", "Processes that serve.")
        self._workers.set(1)
        make.of_all_by("build_info", "1, with the version that serves.", "version", "python")[
            version("contextql"), platform.python_version()
        ].set(1)

    def _process_measured(self, fact: ProcessMeasured) -> None:
        for kind, taken in fact.in_flight:
            self._in_flight[kind].set(taken)
        self._in_use.set(fact.pool_in_use)
        self._open.set(fact.pool_open)
        self._limit.set(fact.pool_limit)
        self._waits.observe_counted([(0.0, fact.pool_lent_at_once)])
        self._viewers.set(fact.live_viewers)
        self._running.set(fact.running_responses)
        self._loop_lag.set(fact.loop_lag_ms / 1000)

    def _waited(self, fact: Waited) -> None:
        self._waits.observe(fact.duration_ms / 1000)


class OfStore:
    """How much there is in the store. Its users are told by their rank and never by who they are."""

    def __init__(self, make: Making) -> None:
        self.counted: Counted = {
            StoreMeasured: self._store_measured,
            LargestUsers: self._largest_users,
        }
        self._users = make.of_all("store_users", "Users in the store.")
        self._contexts = make.of_all("store_contexts", "Contexts in the store.")
        self._responses = make.of_all("store_responses", "Responses in the store.")
        self._bytes = make.of_all("store_bytes", "What the store takes on disk.")
        self._rating = make.of_all(
            "store_average_rating", "The average of all ratings, from 1 to 5; 0 without any."
        )
        self._largest_contexts = make.of_all_by(
            "largest_user_contexts", "Contexts of the users with the most of them.", "rank"
        )
        self._largest_bytes = make.of_all_by(
            "largest_user_bytes", "What the users with the most contexts take.", "rank"
        )

    def _store_measured(self, fact: StoreMeasured) -> None:
        self._users.set(fact.users)
        self._contexts.set(fact.contexts)
        self._responses.set(fact.responses)
        self._bytes.set(fact.bytes)
        self._rating.set(fact.average_rating or 0)

    def _largest_users(self, fact: LargestUsers) -> None:
        # Of those who are there no more nothing is left.
        for rank in self._largest_contexts:
            self._largest_contexts[rank].set(0)
            self._largest_bytes[rank].set(0)
        for number, (_, contexts, size) in enumerate(fact.users, start=1):
            self._largest_contexts[str(number)].set(contexts)
            self._largest_bytes[str(number)].set(size)
