"""The responses that this process is generating: it starts them, knows them, and sees them off at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from api import grounding
from api.errors import BadUserInput
from api.generation.run import Assignment, run
from api.grounding import Asked
from api.models import Model
from api.observe import Observer
from db import response_writes, responses
from db.pool import Database
from db.records import Response


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants answered. `budget` is in tokens; without a conversation a new one is begun."""

    user_id: UUID
    message: str
    model: str
    budget: int
    recent_turns: int
    conversation_id: UUID | None = None


class Running:
    """The owner of every task that generates. `seconds` is the longest that one may take."""

    def __init__(
        self, db: Database, models: Mapping[str, Model], seconds: float, observe: Observer
    ) -> None:
        self._db = db
        self._models = models
        self._seconds = seconds
        self._observe = observe
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def start(self, wish: Wish) -> Response:
        """Store a pending response and begin to work on it. Raises `BadUserInput` before anything is stored."""
        model = self._model(wish.model)
        grounding.require_room(wish.message, wish.budget)
        response = await response_writes.create(
            self._db,
            wish.user_id,
            wish.conversation_id,
            message=wish.message,
            model=model.name,
            budget=wish.budget,
        )
        self._begin(Assignment(response, model, asked(response), wish.recent_turns, self._seconds))
        return response

    async def finished(self, response: Response) -> Response:
        """The response in its last state. Whoever stops waiting does not stop the work."""
        task = self._tasks.get(response.id)
        if task is not None:
            await asyncio.wait([task])
        found = await responses.get_many(self._db, [(response.user_id, response.id)])
        return found[response.user_id, response.id]

    async def stop(self) -> None:
        """End what still runs; each response says that it was interrupted."""
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

    def _begin(self, assignment: Assignment) -> None:
        response_id = assignment.response.id
        task = asyncio.create_task(run(self._db, assignment, self._observe))
        self._tasks[response_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(response_id, None))


def asked(response: Response) -> Asked:
    """What the response has to answer, as grounding takes it."""
    return Asked(
        user_id=response.user_id,
        message=response.message,
        conversation_id=response.conversation_id,
        budget=response.budget,
    )
