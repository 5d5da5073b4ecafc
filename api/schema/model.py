"""The models that can answer, as the graph shows them."""

from __future__ import annotations

import strawberry

from api.schema.info import Info


@strawberry.type(description="A language model that can answer.")
class Model:
    name: str = strawberry.field(description="What a mutation calls it.")
    provider: str = strawberry.field(description="Who runs it.")
    is_default: bool = strawberry.field(description="It answers when a mutation names none.")


def listed(info: Info) -> list[Model]:
    """Those that this server has, the default first."""
    default = info.context.settings.model
    found = [
        Model(name=name, provider=model.provider, is_default=name == default)
        for name, model in info.context.models.items()
    ]
    return sorted(found, key=lambda one: not one.is_default)
