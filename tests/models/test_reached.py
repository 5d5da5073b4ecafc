"""Which models there are: by their names, by what is installed, and by what the environment holds."""

from __future__ import annotations

import pytest

from api.models import Message, Patience, Unreachable, reached
from api.models.family import taken

PATIENCE = Patience()


def refused(*names: str) -> str:
    with pytest.raises(Unreachable) as error:
        reached(names, [], PATIENCE)
    assert error.value.name in names
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_quotations_need_nothing_and_are_always_there() -> None:
    assert list(reached([], [], PATIENCE)) == ["extractive"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("openai:gpt-5-mini", "OPENAI_API_KEY"),
        ("anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY"),
        ("ollama:llama3.2", "OLLAMA_BASE_URL"),
        ("google:gemini-3-flash", "pip install 'contextql[google]'"),
        ("groq:llama3", "pip install 'pydantic-ai-slim[groq]'"),
        ("oracle", "provider:name"),
        ("oracle:delphi", "provider:name"),
        ("openai:", "provider:name"),
        ("", "provider:name"),
    ],
)
def test_a_model_that_cannot_be_reached_is_refused_with_the_remedy(name: str, remedy: str) -> None:
    assert remedy in refused(name)


def test_a_base_url_of_ones_own_needs_no_key(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1234/v1")
    assert reached(["openai:whatever"], [], PATIENCE)["openai:whatever"].provider == "openai"


def test_a_fallback_that_cannot_be_reached_is_refused_as_well() -> None:
    with pytest.raises(Unreachable, match="ANTHROPIC_API_KEY"):
        reached([], ["anthropic:claude-haiku-4-5"], PATIENCE)


def roles(model: str, *messages: Message) -> list[tuple[str, str]]:
    return [
        (part.part_kind, str(getattr(part, "content", "")))
        for message in taken(model, messages)
        for part in message.parts
    ]


def test_a_model_without_a_system_role_gets_it_with_the_first_words_of_the_user() -> None:
    system, user, assistant = (
        Message("SYSTEM", "Be brief."),
        Message("USER", "Hello"),
        Message("ASSISTANT", "Hi"),
    )
    assert roles("llama3", system, user, assistant) == [
        ("system-prompt", "Be brief."),
        ("user-prompt", "Hello"),
        ("text", "Hi"),
    ]
    for model in ("gemma3:27b", "google/Gemma-2-9b-it"):
        assert roles(model, system, user) == [("user-prompt", "Be brief.\n\nHello")]
        assert roles(model, system, assistant) == [("user-prompt", "Be brief."), ("text", "Hi")]
        assert roles(model, user) == [("user-prompt", "Hello")]
