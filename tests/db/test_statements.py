"""Every statement of the store is prepared against the migrated schema, and its columns are those of its record."""

from __future__ import annotations

from dataclasses import fields
from itertools import chain, combinations, product
from uuid import uuid4

import asyncpg
import pytest

from db import (
    activity,
    api_keys,
    audit_trail,
    context_changes,
    context_moments,
    context_versions,
    context_writes,
    contexts,
    conversation_growth,
    conversations,
    diagnosis,
    embeddings,
    erasure,
    expiry,
    export,
    forgetting,
    idempotency,
    intake,
    notifications,
    pool,
    profiles,
    ratings,
    records,
    response_endings,
    response_events,
    response_writes,
    responses,
    revisions,
    search,
    semantic,
    semantic_indexes,
    statistics,
    storage,
    summaries,
    type_counts,
    user_words,
    users,
)
from db.filters import ContextFilter
from db.keys import Which, which, which_users
from db.leaves import Reading
from db.paging import EARLIEST, LATEST, Page
from db.scope import EVERYONE, Scope

BOTH_WAYS = (True, False)

PAGES = [
    Page(5, newest_first=way, after=after, before=before)
    for way in BOTH_WAYS
    for after, before in ((None, None), (EARLIEST, None), (EARLIEST, LATEST))
]

PARENTS = [which_users([uuid4() for _ in range(count)]) for count in (1, 2)]
"""Users, of whom pages are read: one, and several."""


def rows(alias: str) -> list[Which]:
    """One row of the table that has this name in its statement, and several."""
    return [which(alias, [(uuid4(), uuid4()) for _ in range(count)]) for count in (1, 2)]


CONDITIONS = {
    "context_types": ("knowledge",),
    "conversation_id": "any",
    "metadata": "{}",
    "content": "{}",
    "created_after": "any",
    "created_before": "any",
}


def every_filter() -> list[ContextFilter]:
    """All combinations of conditions, each with one type, with several, and with inactive ones."""
    names = list(CONDITIONS)
    chosen = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    made = [ContextFilter(**{name: CONDITIONS[name] for name in some}) for some in chosen]  # type: ignore[arg-type]
    return [*made, ContextFilter(context_types=("a", "b"), include_inactive=True)]


def seen(table: str) -> tuple[str, str]:
    """Where the system reads a table, and where one user does."""
    return EVERYONE.seen(table), Scope(uuid4(), "test").seen(table)


def statements() -> list[tuple[str, type | None]]:
    """Each statement with the record that its rows become."""
    listed: list[tuple[str, type | None]] = [
        (pool.NAMESPACE, None),
        (revisions.STORED, revisions.Stored),
        (diagnosis.SERVER, diagnosis.ServerFacts),
        (diagnosis.VECTOR, None),
        (diagnosis.LANGUAGE, None),
        (diagnosis.WALLS, diagnosis.Wall),
        (diagnosis.INDEXES, diagnosis.Index),
        (diagnosis.READINGS, diagnosis.Reading),
        (diagnosis.TRANSACTIONS, diagnosis.LongTransaction),
        (diagnosis.USABLE_KEYS, None),
        (notifications.SEND_PULSE, None),
        (users.UPSERT, records.User),
        *((users.by_ids_statement(asked), records.User) for asked in PARENTS),
        (users.COUNT, None),
        (user_words.COUNT, None),
        (type_counts.BY_USERS, records.TypeCount),
        *((contexts.by_ids_statement(asked), records.Context) for asked in rows("c")),
        (context_moments.BY_IDS, records.Context),
        (context_changes.LOOK, None),
        *((contexts.count_turns_statement(asked), None) for asked in rows("v")),
        (contexts.PROFILES, records.Context),
        (context_writes.CREATE_MANY, records.Context),
        (context_writes.STORE_MANY, None),
        (context_writes.UPDATE, records.Context),
        (context_writes.SOFT_DELETE, records.Context),
        (context_writes.RESTORE, records.Context),
        (profiles.SET_PROFILE, records.Context),
        (context_writes.STANDING, None),
        (profiles.PROFILE_STANDING, None),
        (context_versions.COUNTS, None),
        (conversation_growth.CLAIM, conversation_growth.Claim),
        (conversation_growth.SETTLE, None),
        (conversation_growth.POSTPONE, None),
        (summaries.BY_CONVERSATIONS, records.Context),
        (summaries.REFRESH, records.Context),
        (conversations.CREATE, records.Conversation),
        *((conversations.by_ids_statement(asked), records.Conversation) for asked in rows("v")),
        (conversations.UPDATE, records.Conversation),
        (conversations.SOFT_DELETE, records.Conversation),
        *((conversations.count_by_user_statement(asked), None) for asked in PARENTS),
        (conversations.STANDING, None),
        *((responses.by_ids_statement(asked), records.Response) for asked in rows("r")),
        *((responses.count_by_conversation_statement(asked), None) for asked in rows("v")),
        *((responses.counts_by_context_statement(table), None) for table in seen("responses")),
        (ratings.RATE, records.Response),
        (storage.BY_USERS, storage.Storage),
        (statistics.ESTIMATED, None),
        (statistics.STATISTICS, statistics.Statistics),
        (statistics.LARGEST_COUNTED, None),
        (statistics.LARGEST_SAMPLED, None),
        (activity.ADD, None),
        (activity.STRETCHED, activity.Counted),
        (activity.OF_MODELS, activity.ModelCounts),
        (activity.SINCE, None),
        (activity.FORGET, None),
        (response_writes.LOCK_USER, None),
        (response_writes.COUNT_UNFINISHED, None),
        (response_writes.CREATE, records.Response),
        (response_writes.BEGIN, None),
        (response_writes.APPEND, None),
        (response_writes.COMPLETE, records.Response),
        (response_endings.LOCK, None),
        (response_endings.END, records.Response),
        (response_endings.RENEW, None),
        (response_endings.LOCK_ORPHAN, None),
        (response_events.RUNNING, records.ResponseEvent),
        (response_events.STANDING, records.StandingResponse),
        (semantic.STANDING, None),
        (semantic.WIDELY, None),
        (semantic_indexes.LARGE, semantic_indexes.LargeUser),
        (semantic_indexes.STANDING, None),
        (embeddings.WANT, None),
        (embeddings.SET_HORIZON, None),
        (embeddings.WALK, None),
        (embeddings.CLAIM, None),
        (embeddings.KEEP, None),
        (embeddings.PUT_OFF, None),
        (embeddings.AGREE, None),
        (embeddings.WAITING, records.Waiting),
        (embeddings.COUNT, None),
        (export.COUNTS, None),
        *((statement, None) for statement in export.LINES.values()),
        (export.contexts_statement(embedded=True), None),
        (intake.USERS, None),
        (intake.CONVERSATIONS, None),
        (intake.CONTEXTS, None),
        (intake.VERSIONS, None),
        (intake.RESPONSES, None),
        (intake.GROWTH, None),
        (intake.EMBEDDINGS, None),
        (forgetting.MARK, None),
        (forgetting.FORGOTTEN, None),
        (forgetting.DROP_QUEUED, None),
        (forgetting.DROP_EMBEDDED, None),
        (forgetting.END, None),
        (expiry.ALONE, None),
        (expiry.EXPIRE, None),
        (expiry.LET_GO, expiry.Walked),
        (expiry.DELETE_EXPIRED, None),
        (expiry.DELETE_DELETED, None),
        (expiry.DELETE_CONVERSATIONS, None),
        (erasure.COUNT_ALL, None),
        (erasure.RESERVE, None),
        (erasure.STOP_ALL, None),
        (erasure.LOCK_GROWTH, None),
        (erasure.LOCK, None),
        (erasure.EXISTS, None),
        (erasure.ERASE_USER, None),
        (erasure.UNFINISHED, None),
        (erasure.TIMEOUTS, None),
        (semantic_indexes.OF_USER, None),
        *((erasure.erase_statement(table), None) for table in erasure.TABLES),
        (audit_trail.APPEND, None),
        (audit_trail.NEWEST, records.AuditEntry),
        (idempotency.CLAIM, None),
        (idempotency.USED, None),
        (idempotency.RECORD, None),
        (idempotency.SWEEP, None),
        (api_keys.BY_HASH, records.ApiKey),
        (api_keys.BY_PREFIX, records.ApiKey),
        (api_keys.LISTED, records.ApiKey),
        (api_keys.REGISTER, None),
        (api_keys.REVOKE, None),
        (api_keys.OTHERS_USABLE, None),
        (api_keys.NOTE_USES, None),
    ]
    for asked, talks in product(PAGES, rows("v")):
        listed += [
            (contexts.turns_statement(talks, asked), records.Context),
            (responses.page_by_conversation_statement(talks, asked), records.Response),
        ]
    for asked, parents in product(PAGES, PARENTS):
        page = conversations.page_by_user_statement(parents, asked)
        listed.append((page, records.Conversation))
        listed += [
            (page, records.Context) for page in context_pages(contexts.WHOLE, asked, parents)
        ]
    listed += [(page, records.User) for page in USER_PAGES]
    for descending in BOTH_WAYS:
        listed += [
            (user_words.page_statement(descending=descending), records.User),
            (context_versions.page_statement(descending=descending), records.ContextVersion),
        ]
        for wanted in every_filter():
            condition, _ = wanted.condition(first=8, moment="$7")
            page = context_moments.page_by_user_statement(condition, descending=descending)
            listed.append((page, records.Context))
    for wanted in every_filter():
        condition, _ = wanted.condition(first=2)
        listed += [
            (contexts.count_by_user_statement(whose, condition, table), None)
            for whose, table in product(PARENTS, seen("contexts"))
        ]
        condition, _ = wanted.condition(first=5)
        listed.append((semantic.exact_statement(condition), records.Hit))
        listed.append((semantic.indexed_statement(condition, 384), records.Hit))
        condition, _ = wanted.condition(first=3, moment="$2")
        listed.append((context_moments.count_by_user_statement(condition), None))
        listed += searches(wanted)
    return listed


USER_PAGES = [users.page_statement(asked) for asked in PAGES]


def context_pages(reading: Reading, asked: Page, parents: Which) -> list[str]:
    """Of contexts, by every filter, for the system and for one user."""
    first = parents.following + len(asked.within.args)
    return [
        contexts.page_by_user_statement(parents, asked, wanted.condition(first)[0], table, reading)
        for wanted in every_filter()
        for table in seen("contexts")
    ]


def searches(wanted: ContextFilter) -> list[tuple[str, type | None]]:
    """Both steps of a search, now and as of a moment."""
    listed: list[tuple[str, type | None]] = []
    for matching, near in (
        *((search.Source(table=table), search.PRESENT) for table in seen("contexts")),
        (search.past("$1", "$7"), search.past("$1", "$4")),
    ):
        beyond = int(near is not search.PRESENT)
        condition, _ = wanted.condition(first=7 + beyond, moment=matching.moment)
        listed.append((search.matching_statement(matching, condition), records.Hit))
        condition, _ = wanted.condition(first=4 + beyond, moment=near.moment)
        listed.append((search.neighbours_statement(near, condition), records.Neighbour))
    return listed


async def test_every_statement_is_prepared_and_gives_the_columns_of_its_record(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for statement, record in statements():
            prepared = await connection.prepare(statement)
            if record is not None:
                columns = [attribute.name for attribute in prepared.get_attributes()]
                assert columns == [field.name for field in fields(record)], statement
        for statement in citing_pages():
            prepared = await connection.prepare(statement)
            columns = [attribute.name for attribute in prepared.get_attributes()]
            assert columns == ["context_id", *(field.name for field in fields(records.Response))]
    finally:
        await connection.close()


def citing_pages() -> list[str]:
    """These tell of which context each response is."""
    return [
        responses.page_by_context_statement(descending=descending, table=table)
        for descending in BOTH_WAYS
        for table in seen("responses")
    ]


OF_NO_USER = {
    # What services ask for, and what the system does for all users at once.
    pool.NAMESPACE, revisions.STORED,
    users.COUNT, *USER_PAGES,
    user_words.COUNT, *(user_words.page_statement(descending=way) for way in BOTH_WAYS),
    conversation_growth.CLAIM, response_endings.LOCK_ORPHAN, notifications.SEND_PULSE,
    semantic_indexes.LARGE, semantic_indexes.STANDING, semantic_indexes.OF_USER,
    api_keys.BY_HASH, api_keys.BY_PREFIX, api_keys.LISTED, api_keys.REVOKE, api_keys.OTHERS_USABLE,
    expiry.ALONE, expiry.EXPIRE, expiry.DELETE_EXPIRED, expiry.DELETE_DELETED, expiry.DELETE_CONVERSATIONS,
    erasure.TIMEOUTS,
    embeddings.WANT, embeddings.SET_HORIZON, embeddings.WALK, embeddings.CLAIM, embeddings.KEEP,
    embeddings.PUT_OFF, embeddings.AGREE, embeddings.WAITING, embeddings.COUNT,
    forgetting.MARK, forgetting.FORGOTTEN, forgetting.DROP_QUEUED, forgetting.DROP_EMBEDDED, forgetting.END,
    idempotency.SWEEP,
    statistics.ESTIMATED, statistics.STATISTICS, statistics.LARGEST_COUNTED, statistics.LARGEST_SAMPLED,
    activity.ADD, activity.STRETCHED, activity.OF_MODELS, activity.SINCE, activity.FORGET,
    diagnosis.SERVER, diagnosis.VECTOR, diagnosis.LANGUAGE, diagnosis.WALLS, diagnosis.INDEXES, diagnosis.READINGS,
    diagnosis.TRANSACTIONS, diagnosis.USABLE_KEYS,
}  # fmt: skip
"""The statements that no scope can narrow, so that to run one for a user raises `Unscoped`. Seldom the way to go."""


async def test_every_statement_begins_with_whose_rows_it_is_about(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for statement in {*(one for one, _ in statements()), *citing_pages()} - OF_NO_USER:
            first = (await connection.prepare(statement)).get_parameters()[:1]
            assert [kind.name for kind in first] in (["uuid"], ["uuid[]"]), (
                f"$1 of a statement is a user or several, so that a scope narrows it:\n{statement}"
            )
    finally:
        await connection.close()


def written() -> set[str]:
    """The statements that stand in the store as they are sent."""
    modules = (
        users, contexts, context_writes, context_versions, conversations, responses,
        response_writes, response_endings, response_events, context_moments, search, semantic, pool,
        semantic_indexes, embeddings, forgetting, expiry, erasure,
        conversation_growth, summaries, export, intake, audit_trail, api_keys,
        idempotency, ratings, statistics, storage, activity, type_counts, user_words, context_changes,
        revisions, diagnosis, notifications,
    )  # fmt: skip
    return {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and name[0] != "_" and isinstance(value, str) and _is_statement(value)
    }


def test_every_statement_of_the_store_is_in_the_list() -> None:
    assert written() <= {statement for statement, _ in statements()}


def _is_statement(text: str) -> bool:
    return text.split(maxsplit=1)[0] in {"select", "insert", "update", "with", "delete"}


@pytest.mark.parametrize("descending", BOTH_WAYS)
async def test_a_page_walks_its_index_and_sorts_nothing(
    database_url: str, descending: bool
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        condition, args = ContextFilter(context_types=("knowledge",)).condition(first=6)
        asked = Page(5, newest_first=descending, after=EARLIEST, before=LATEST)
        for whose in PARENTS:
            page = contexts.page_by_user_statement(whose, asked, condition)
            prepared = await connection.prepare(page)
            plan = str(await prepared.explain(*whose.args, *asked.within.args, *args))
            assert "contexts_active_by_type" in plan
            assert "Sort" not in plan
    finally:
        await connection.close()
