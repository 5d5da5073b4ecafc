"""How a change keeps what was: the part of a statement that copies old rows of contexts into their history."""

from __future__ import annotations

# When the change takes place. A writer that began earlier may have waited for one that began later: time does not
# run backwards for it, or two versions would stand at one moment.
CHANGED_AT = "greatest(now(), old.updated_at)"

# Stands after a common table expression `old`, which has locked the rows that are about to change.
KEPT = f"""
kept as (
    insert into context_versions
        (user_id, context_id, version, content, metadata, is_active, expires_at, search,
         valid_from, valid_to)
    select user_id, id, version, content, metadata, is_active, expires_at, search,
        updated_at, {CHANGED_AT}
    from old
)
"""
