"""A few realistic users, so that a newcomer has something to look at: what is known of them, and answers to them."""

from api.seed.answer import answer_all
from api.seed.store import seed_all

__all__ = ["answer_all", "seed_all"]
