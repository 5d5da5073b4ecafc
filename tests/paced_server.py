"""`python -m tests.paced_server`: the server as it is, with a model that speaks at the pace it is asked for."""

from __future__ import annotations

from api.app import create_app
from api.listen import listen
from api.settings import Settings
from api.telemetry.logs import configure
from tests.scripted import Paced


def main() -> None:
    settings = Settings(_env_file=None)
    assert settings.database_url is not None
    configure(settings.log_format)
    answering = settings.model_copy(update={"model": "paced"})
    database_url = settings.database_url.get_secret_value()
    listen(create_app(answering, database_url, models={"paced": Paced()}), settings)


if __name__ == "__main__":
    main()
