"""A conversation that goes on, and what a look at it has made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from api import context_types
from api.models import Model
from api.observe import Fact, Faulted, Summarised
from api.upkeep.summarise import Summarising, summarise
from db import context_writes, summaries
from db.context_writes import NewContext
from db.pool import Database
from db.records import Context, Conversation, Json
from tests.scripted import Scripted

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Talk:
    """A conversation with the user ada, and how often somebody has spoken in it."""

    db: Database
    conversation: Conversation
    said: int = 0
    facts: list[Fact] = field(default_factory=list)

    async def goes_on(self, turns: int, words: str = "") -> None:
        """So many more turns, a minute apart; each says its number."""
        numbers = range(self.said + 1, self.said + turns + 1)
        self.said += turns
        content = [{"role": "user", "message": f"Turn {number}. {words}"} for number in numbers]
        new = [
            NewContext(
                "conversation",
                one,
                context_types.rendered("conversation", one),
                conversation_id=self.conversation.id,
                created_at=NOON + timedelta(minutes=number),
            )
            for number, one in zip(numbers, content, strict=True)
        ]
        await context_writes.create_many(self.db, self.conversation.user_id, new)

    async def summarised(self, model: Model, **how: Any) -> list[Summarised]:
        """What a look at all conversations has done."""
        self.facts.clear()
        await summarise(self.db, by(model, **how), self.facts.append)
        assert not [fact for fact in self.facts if isinstance(fact, Faulted)], self.facts
        return [fact for fact in self.facts if isinstance(fact, Summarised)]

    async def summary(self) -> Context | None:
        owned = self.conversation.user_id, self.conversation.id
        return (await summaries.by_conversation(self.db, [owned])).get(owned)

    async def covers(self) -> Json | None:
        summary = await self.summary()
        return summary.content["covers"] if summary else None

    async def covered_turns(self) -> int:
        covers = await self.covers()
        return covers["turns"] if covers else 0

    async def impatient(self) -> None:
        """Nothing is put off any more."""
        await self.db.fetch("update conversation_growth set not_before = '-infinity'")


def by(model: Model, **how: Any) -> Summarising:
    defaults: dict[str, Any] = {
        "seconds": 5.0, "after": 10, "recent_turns": 10, "token_budget": 2000,
    }  # fmt: skip
    return Summarising(model, **{**defaults, **how})


def told(model: Scripted) -> list[list[str]]:
    """What each prompt had of the conversation, one text a context."""
    return [[source.text for source in prompt.sources] for prompt in model.prompts]


def numbered(first: int, last: int) -> list[str]:
    return [f"User: Turn {number}. " for number in range(first, last + 1)]
