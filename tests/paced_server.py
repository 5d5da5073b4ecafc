"""`python -m tests.paced_server`: the server as it is, with a model that speaks at the pace it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from api.app import create_app
from api.listen import listen
from api.settings import Settings
from api.telemetry.logs import configure
from api.telemetry.metrics import Metrics
from api.telemetry.metrics.shared import shared_folder
from api.workers import listen_together
from tests.scripted import Paced


@dataclass(frozen=True)
class PacedServed:
    """Makes the application, in whichever process it is to serve."""

    settings: Settings
    folder: Path | None = None

    def __call__(self) -> Starlette:
        assert self.settings.database_url is not None
        configure(self.settings.log_format)
        return create_app(
            self.settings,
            self.settings.database_url.get_secret_value(),
            models={"paced": Paced()},
            metrics=Metrics(["paced"], self.folder),
        )


def main() -> None:
    settings = Settings(_env_file=None).model_copy(update={"model": "paced"})
    if settings.workers == 1:
        listen(PacedServed(settings)(), settings)
        return
    configure(settings.log_format)
    with shared_folder() as folder:
        listen_together(PacedServed(settings, folder), settings, None, folder, None)


if __name__ == "__main__":
    main()
