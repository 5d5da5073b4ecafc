"""`python -m tests.paced_server`: the server as it is, with models that speak at the pace they are asked for."""

from __future__ import annotations

from api.app import create_app
from api.listen import listen
from api.observe import configure
from api.settings import Settings
from tests.scripted import Paced


def main() -> None:
    settings = Settings(_env_file=None)
    assert settings.database_url is not None
    configure(settings.log_format)
    models = {"paced": Paced(), "bulky": Paced("bulky", width=32_000)}
    named = settings.model if settings.model in models else "paced"
    listen(
        create_app(
            settings.model_copy(update={"model": named}),
            settings.database_url.get_secret_value(),
            models=models,
        ),
        settings,
    )


if __name__ == "__main__":
    main()
