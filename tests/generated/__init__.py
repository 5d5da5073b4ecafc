"""Operations made from the schema, for tests that ask what nobody has thought of."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))
"""How many times as many are asked as in the suite; `make fuzz` says it."""

SEED = int(os.environ["FUZZ_SEED"]) if "FUZZ_SEED" in os.environ else None
"""Which ones; without it the same each time."""
