"""A conversation to look at: begun over HTTP, as an application does."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.credential import KEY
from tests.watching import ask

CONVERSATION = "query ($id: ID!) { response(id: $id) { conversation { id } } }"

KNOWN = """
mutation ($user: ID!) {
  setProfile(input: { userId: $user, content: { home: "London" } }) { profile { id } }
  hotel: createContext(input: {
    userId: $user, contextType: "knowledge", content: { text: "Ada stays at Hotel Astoria in Copenhagen." }
  }) { context { id } }
  lens: createContext(input: {
    userId: $user, contextType: "knowledge", content: { text: "The telescope has a new lens from Jena." }
  }) { context { id } }
}
"""

UPSERT = 'mutation { upsertUser(input: { externalId: "ada", name: "Ada" }) { user { id } } }'

ANSWER = """
mutation ($input: GenerateResponseInput!) { generateResponse(input: $input) { response { id } } }
"""


async def an_answer(url: str, message: str, **wishes: Any) -> str:
    """The id of the conversation in which this was answered, from the few things that are known about Ada."""
    user = (await ask(url, UPSERT))["upsertUser"]["user"]["id"]
    await ask(url, KNOWN, user=user)
    wish = {"userId": user, "message": message, **wishes}
    answered = await ask(url, ANSWER, input=wish)
    return await conversation_of(url, answered["generateResponse"]["response"]["id"])


async def conversation_of(url: str, response: str) -> str:
    found = await ask(url, CONVERSATION, id=response)
    return str(found["response"]["conversation"]["id"])


async def sign_in(page: Page) -> None:
    await page.get_by_label("API key or token").fill(KEY)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
