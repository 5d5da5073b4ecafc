"""What PostgreSQL is told of how it plans."""

from __future__ import annotations

# The terms of a context are computed by a function in SQL, which PostgreSQL 18 plans anew for each row unless it is
# told that one plan is as good for all. It is told for this transaction only, once, and before there is the first row.
PLANNED_ONCE = """
(
    with told as materialized (select set_config('plan_cache_mode', 'force_generic_plan', true))
    select from told
) planned_once
"""
"""Stands in the `from` of what is written to `contexts` often or at length, as one row of nothing."""
