"""What went wrong at a provider, as a client may read it.

Neither what the provider wrote back nor what was sent is repeated: either may hold a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import HTTPError
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)

from api.errors import ModelTimeout, ModelUnavailable

LATER = "ask again shortly"


class Failed(Exception):
    """One attempt has failed. `again`: another may do better, after `wait` seconds if the provider said so."""

    def __init__(
        self,
        refusal: ModelUnavailable | ModelTimeout,
        *,
        again: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(str(refusal))
        self.refusal, self.again, self.wait = refusal, again, wait


# The first that fits counts: the special ones stand before the general.
KINDS: tuple[tuple[type[Exception], bool, str, str], ...] = (
    (ModelQuotaExceededError, False, "{} has no quota or credit left", "top up the account"),
    (ModelRateLimitError, True, "{} gets more requests than its provider allows", LATER),
    (ModelUnavailableError, True, "{} is overloaded or away", LATER),
    (ModelServerError, True, "{} failed at its provider", LATER),
    (
        ModelConnectionError,
        True,
        "The connection to {} failed",
        "check the network and its base URL",
    ),
    (
        ModelContextWindowExceededError,
        False,
        "{} cannot read a prompt of this size",
        "ask with a smaller budget",
    ),
    (
        ModelAuthenticationError,
        False,
        "The provider of {} refused the key or its rights",
        "check the key in the environment of the server",
    ),
    (
        ModelNotFoundError,
        False,
        "{} is not known to its provider",
        "check its name and its base URL",
    ),
    (ModelRequestRejectedError, False, "{} refused the request", "choose another model"),
    (ContentFilterError, False, "The provider of {} withheld the answer", "ask in other words"),
    (HTTPError, True, "The connection to {} failed", "check the network and its base URL"),
    (AgentRunError, False, "{} gave an answer that cannot be read", "choose another model"),
)
"""Of each kind: whether to try again, what happened, and the remedy."""


@contextmanager
def translated(name: str) -> Iterator[None]:
    """What the library raises in the block becomes `Failed`, without what it carries."""
    try:
        yield
    except (AgentRunError, HTTPError) as error:
        failed = failure(name, error)
    else:
        return
    # Here the provider's error is no longer a part of ours.
    raise failed


def failure(name: str, error: Exception) -> Failed:
    """What the error means for whoever asked the model of this name."""
    again, what, remedy = next(
        (again, what, remedy) for kind, again, what, remedy in KINDS if isinstance(error, kind)
    )
    wait = error.retry_after if isinstance(error, ModelAPIError) else None
    if isinstance(error, ModelHTTPError):
        what = f"{what} (HTTP {error.status_code})"
        again = again if error.provider_retry_hint is None else error.provider_retry_hint
    if wait and remedy is LATER:
        remedy = f"ask again in {wait:.0f} seconds"
    refused = ModelTimeout if isinstance(error, ModelTimeoutError) else ModelUnavailable
    return Failed(refused(f"{what.format(name)}; {remedy}."), again=again, wait=wait)
