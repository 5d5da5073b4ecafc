"""The responses that this process is generating: it starts them, knows them, and sees them off at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api import grounding
from api.errors import BadUserInput, RateLimited, ServiceUnavailable
from api.generation.ended import ended
from api.generation.run import Assignment, Bounds, run
from api.grounding import Asked, Searcher, receipt
from api.grounding.receipt import Receipt
from api.models import Model
from api.observe import OURSELVES, By, LimitHit, Observer
from db import conversations, response_endings, response_writes, responses
from db.contexts import Owned
from db.errors import Missing, TooMany
from db.pool import Database, Store
from db.records import Response
from db.response_endings import CANCELLED
from db.response_writes import NewResponse


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants answered. `budget` is in tokens; without a conversation a new one is begun.

    `as_of` is the moment whose contexts it is to rest on, None for the present.
    """

    user_id: UUID
    message: str
    model: str
    budget: int
    recent_turns: int
    conversation_id: UUID | None = None
    as_of: datetime | None = None
    by: By = OURSELVES


@dataclass(frozen=True, slots=True)
class Limits:
    """What each response may take, how many there may be at once, and for how many seconds a lease lasts."""

    bounds: Bounds
    of_a_user: int
    of_a_process: int
    lease: float


class Running:
    """The owner of every task that generates.

    Whoever asks hands in the store as far as it reaches for them; what goes on afterwards is the system's work.
    """

    def __init__(
        self, searcher: Searcher, models: Mapping[str, Model], limits: Limits, observe: Observer
    ) -> None:
        self._searcher = searcher
        self._models = models
        self._limits = limits
        self._observe = observe
        self._tasks: dict[Owned, asyncio.Task[None]] = {}
        self._starting = 0
        self._missed: set[Owned] = set()
        self.is_closed = False
        """No more work is taken."""

    def __len__(self) -> int:
        """How many are running, and about to."""
        return len(self._tasks) + self._starting

    @contextmanager
    def starting(self, wish: Wish) -> Iterator[Callable[[Store], Awaitable[Response]]]:
        """How to store a pending response to the wish; what was stored is worked on when the block ends well.

        Storing raises a `Refusal` before anything is stored. The block must not pause once that is committed:
        nothing is left behind that nobody works on.
        """
        with ExitStack() as places:
            assigned: list[Assignment] = []

            async def store(db: Store) -> Response:
                model = self._model(wish.model)
                grounding.require_room(wish.message, wish.budget)
                places.enter_context(self._place())
                new, at_most = self._new(wish, model), self._limits.of_a_user
                try:
                    response = await response_writes.create(db, wish.user_id, new, at_most)
                except TooMany:
                    self._observe(LimitHit("user_responses"))
                    raise
                assigned.append(self._assignment(wish, model, response))
                return response

            yield store
            for assignment in assigned:
                self._begin(assignment)

    async def finished(self, db: Database, owned: Owned) -> Response:
        """The response once nothing here works on it any more. Whoever stops waiting does not stop the work.

        Raises `Missing` when there is no such response.
        """
        task = self._tasks.get(owned)
        if task is not None:
            await asyncio.wait([task])
        return await _found(db, owned)

    async def cancel(self, db: Database, owned: Owned) -> Response:
        """End a response with the text so far, wherever it runs. One that has ended stays as it is.

        Raises `Missing` when there is no such response.
        """
        cancelled = await response_endings.end(db, *owned, CANCELLED)
        if cancelled is None:
            return await _found(db, owned)
        self._observe(ended(cancelled))
        return cancelled

    def stop(self, response_id: UUID) -> None:
        """The response was ended from outside: its model need not go on."""
        for owned, task in self._tasks.items():
            if owned[1] == response_id:
                task.cancel()

    async def renew(self) -> None:
        """Renew the leases of all that run here, and stop what was ended without our hearing of it."""
        mine = set(self._tasks)
        if not mine:
            return
        alive = await response_endings.renew(self._searcher.db, mine, self._limits.lease)
        missed = {owned for owned in mine if owned[1] not in alive}
        # The first time it may just be about to end by itself.
        for owned in missed & self._missed:
            self.stop(owned[1])
        self._missed = missed

    async def drain(self, seconds: float) -> None:
        """Wait so long for what runs to finish, then end it; each response says that it was interrupted."""
        self.is_closed = True
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        await self.interrupt()

    async def interrupt(self) -> None:
        """End what still runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _model(self, name: str) -> Model:
        if name not in self._models:
            known = ", ".join(sorted(self._models))
            raise BadUserInput(f"There is no model {name!r}; there is: {known}.")
        return self._models[name]

    def _assignment(self, wish: Wish, model: Model, response: Response) -> Assignment:
        asked = asked_of(wish, response.conversation_id)
        return Assignment(response, model, asked, wish.recent_turns, self._limits.bounds, wish.by)

    def _new(self, wish: Wish, model: Model) -> NewResponse:
        return NewResponse(
            conversation_id=wish.conversation_id,
            message=wish.message,
            model=model.name,
            budget=wish.budget,
            lease=self._limits.lease,
            as_of=wish.as_of,
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.is_closed:
            raise ServiceUnavailable("This server is stopping; ask again, and another one answers.")
        most = self._limits.of_a_process
        if len(self) >= most:
            self._observe(LimitHit("responses"))
            raise RateLimited(
                f"This server generates {most} responses already; try again shortly.", limit=most
            )
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def _begin(self, assignment: Assignment) -> None:
        owned = assignment.response.user_id, assignment.response.id
        task = asyncio.create_task(run(self._searcher, assignment, self._observe))
        self._tasks[owned] = task
        task.add_done_callback(lambda _: self._tasks.pop(owned, None))


async def preview(searcher: Searcher, wish: Wish) -> Receipt:
    """The receipt that a response to this wish would have if it were started now.

    Raises what starting it would, as far as it concerns the prompt.
    """
    if wish.conversation_id is not None:
        owned = wish.user_id, wish.conversation_id
        talk = (await conversations.get_many(searcher.db, [owned])).get(owned)
        if talk is None or not talk.is_active:
            raise Missing("conversation")
    asked = asked_of(wish, wish.conversation_id)
    return receipt.of(await grounding.ground(searcher, asked, wish.recent_turns))


async def _found(db: Database, owned: Owned) -> Response:
    found = await responses.get_many(db, [owned])
    if owned not in found:
        raise Missing("response")
    return found[owned]


def asked_of(wish: Wish, conversation_id: UUID | None) -> Asked:
    """The wish as grounding takes it; a new conversation has an id by then, and nothing in it."""
    return Asked(
        user_id=wish.user_id,
        message=wish.message,
        conversation_id=conversation_id,
        budget=wish.budget,
        as_of=wish.as_of,
    )
