"""Answers to the questions of the users, as the server gives them: grounded, with a receipt, some of them rated.

They are quotations, so that they are the same whoever stores them, and no language model is asked.
"""

from __future__ import annotations

from uuid import UUID

from rich.progress import track

from api.generation.running import Limits, Running, Wish
from api.grounding import Searcher, Tuning
from api.models.extractive import Extractive
from api.seed.people import PEOPLE, Person, Question
from db import contexts, conversations, ratings, users
from db.paging import Page
from db.pool import Database

RECENT_TURNS = 4


async def answer_all(db: Database, tuning: Tuning, limits: Limits) -> None:
    """Have all that is asked answered which was not asked yet, with a progress bar."""
    model = Extractive()
    searcher = Searcher(db, tuning, None, lambda _: None)
    running = Running(searcher, {model.name: model}, limits, lambda _: None)
    for person in track(PEOPLE, description="Answering"):
        if await _is_ours(db, person):
            await _answer(db, running, person)


async def _is_ours(db: Database, person: Person) -> bool:
    """Whether the user of that name is the one that was stored here."""
    user = users.id_of(db, person.external_id)
    profile = (await contexts.profiles(db, [user])).get(user)
    return profile is not None and profile.content == person.profile


async def _answer(db: Database, running: Running, person: Person) -> None:
    user = users.id_of(db, person.external_id)
    talks = (await conversations.pages_by_user(db, [user], Page(limit=100))).get(user, [])
    for title, questions in person.asked:
        if title in {talk.title for talk in talks}:
            continue
        talk = await conversations.create(db, user, title, {})
        for question in questions:
            await _answer_one(db, running, (user, talk.id), question)


async def _answer_one(
    db: Database, running: Running, talk: tuple[UUID, UUID], question: Question
) -> None:
    user, conversation = talk
    wish = Wish(
        user, question.message, Extractive.name, question.budget, RECENT_TURNS, conversation
    )
    with running.starting(wish) as store:
        response = await store(db)
    await running.finished(db, (user, response.id))
    if question.rating:
        await ratings.rate(db, user, response.id, question.rating)
