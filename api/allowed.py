"""What the settings allow, in the form that each part takes it."""

from __future__ import annotations

from datetime import timedelta

from api.generation.run import Bounds
from api.generation.running import Limits
from api.grounding import Tuning
from api.rates import Quotas
from api.settings import Settings
from api.upkeep.sweep import Terms
from db.expiry import Retention
from db.search import Bm25

LONGEST_TRANSACTION = 4
"""Statements, of which the last may have waited for as long as each may take."""

MARGIN_SECONDS = 5.0
"""For what takes its time between statements."""

LEASE = 0.6
"""A lease lasts this part of the orphan timeout."""


def limits(settings: Settings) -> Limits:
    """What the settings allow a response."""
    return Limits(
        bounds=Bounds(
            seconds=settings.model_timeout,
            characters=settings.max_response_chars,
            pause=settings.delta_pause,
            patience=settings.database_patience,
        ),
        of_a_user=settings.max_user_responses,
        of_a_process=settings.max_responses,
        lease=LEASE * settings.orphan_timeout,
    )


def quotas(settings: Settings) -> Quotas:
    """How much the settings let each caller ask."""
    return Quotas(
        user=settings.rate_limit,
        service=settings.service_rate_limit,
        generations=settings.generation_rate_limit,
        window=settings.rate_window,
    )


def redis_url(settings: Settings) -> str | None:
    return settings.redis_url.get_secret_value() if settings.redis_url else None


def tuning(settings: Settings) -> Tuning:
    """How the settings weigh what is found."""
    days = settings.recency_half_life
    return Tuning(
        bm25=Bm25(settings.bm25_k1, settings.bm25_b),
        meaning=settings.semantic_weight,
        half_life=timedelta(days=days) if days else None,
        floor=settings.search_floor,
    )


def overlap(settings: Settings) -> float:
    """Seconds that no transaction lasts which writes contexts, and no look waits for its turn besides."""
    longest = LONGEST_TRANSACTION * settings.statement_timeout
    return longest + settings.pool_wait + MARGIN_SECONDS


def terms(settings: Settings) -> Terms:
    """How long the settings keep things."""
    return Terms(
        grace=settings.expiry_grace,
        deleted=settings.deleted_keep,
        retentions=[
            Retention(name, kept.newest, kept.days) for name, kept in settings.retention.items()
        ],
    )
