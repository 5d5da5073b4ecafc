"""The application in one of several processes, made there from what the parent has sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from api.app import create_app, known_models, reached_models
from api.settings import Settings
from api.telemetry.logs import configure
from api.telemetry.metrics import Metrics
from api.telemetry.tracing import tracing_to


@dataclass(frozen=True, slots=True)
class Served:
    """Makes it. What it counts goes into the folder, beside what the others count."""

    settings: Settings
    database_url: str
    own_key: str | None
    folder: Path

    def __call__(self) -> Starlette:
        configure(self.settings.log_format)
        tracing = tracing_to(self.settings.otlp_endpoint, self.settings.trace_sample)
        models = reached_models(self.settings, tracing)
        return create_app(
            self.settings,
            self.database_url,
            models=models,
            own_key=self.own_key,
            tracing=tracing,
            metrics=Metrics(known_models(self.settings, models), self.folder),
        )
