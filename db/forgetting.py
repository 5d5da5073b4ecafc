"""Forgetting the embeddings of models that nobody has wanted for long: in batches, by whoever comes."""

from __future__ import annotations

from db.pool import Database

MARK = """
update embedding_models set
    is_forgotten = true, is_walked = false, walked_user = default, walked_context = default
where wanted_until < now() and not is_forgotten
"""

FORGOTTEN = "select model from embedding_models where is_forgotten order by model limit 1"

# The row of the model is held: whoever wants it again waits, and then begins anew.
DROP_QUEUED = """
with forgetting as (
    select model from embedding_models where model = $1 and is_forgotten for update
), batch as (
    select u.user_id, u.context_id, u.model
    from unembedded u join forgetting f on f.model = u.model
    limit $2
), gone as (
    delete from unembedded u using batch b
    where u.user_id = b.user_id and u.context_id = b.context_id and u.model = b.model
)
select count(*) as count from batch
"""

# Walks over all contexts: embeddings have no index by model, and no step must take long.
DROP_EMBEDDED = """
with forgetting as (
    select model, walked_user, walked_context from embedding_models
    where model = $1 and is_forgotten for update
), batch as (
    select c.* from forgetting f cross join lateral (
        select c.user_id, c.id from contexts c
        where (c.user_id, c.id) > (f.walked_user, f.walked_context)
        order by c.user_id, c.id
        limit $2
    ) c
), gone as (
    delete from context_embeddings e using batch b
    where e.user_id = b.user_id and e.context_id = b.id and e.model = $1
), last as (
    select user_id, id from batch order by user_id desc, id desc limit 1
), moved as (
    update embedding_models m set walked_user = last.user_id, walked_context = last.id
    from last where m.model = $1
)
select count(*) as count from last
"""

END = "delete from embedding_models where model = $1 and is_forgotten"


async def forget_some(db: Database, limit: int) -> bool:
    """Forget at most so many embeddings; false when there are none left to forget."""
    await db.fetch(MARK)
    forgotten = await db.fetchrow(FORGOTTEN)
    if forgotten is None:
        return False
    for statement in (DROP_QUEUED, DROP_EMBEDDED):
        row = await db.fetchrow(statement, forgotten["model"], limit)
        if row and row["count"]:
            return True
    await db.fetch(END, forgotten["model"])
    return True
