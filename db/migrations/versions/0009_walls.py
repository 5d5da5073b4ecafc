"""The second wall: a role for what is done for one user, under policies; and triggers that tell who has done what."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

ROLE = (
    # Roles are the whole server's: another of its databases may be making this one just now.
    """
    do $$ begin
        if not exists (select from pg_roles where rolname = 'contextql_viewer') then
            create role contextql_viewer nologin;
        end if;
    exception when duplicate_object or unique_violation then null;
    end $$
    """,
    """
    do $$ begin
        -- Since PostgreSQL 16 whoever makes a role is a member of it that may not take it.
        if not pg_has_role(
            'contextql_viewer',
            case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end
        ) then
            execute format('grant contextql_viewer to %I', current_user);
        end if;
    exception when unique_violation then null;
    end $$
    """,
    """
    do $$ begin
        if not has_schema_privilege('contextql_viewer', current_schema(), 'usage') then
            execute format('grant usage on schema %I to contextql_viewer', current_schema());
        end if;
    end $$
    """,
)

# What is done for a user, and not a privilege more. Deleting for good is the system's.
GRANTS = {
    "users": "select, insert, update (name, metadata, updated_at)",
    "conversations": "select, insert, update",
    "contexts": "select, insert, update",
    "context_versions": "select, insert",
    "conversation_growth": "select, insert, update",
    "context_embeddings": "select",
    "responses": "select, insert, update",
    "response_events": "select, delete",
    "idempotency_keys": "select, insert, update, delete",
}

# Of these not a row is anybody's to read, whatever may be granted by mistake.
CLOSED = ("api_keys", "audit_trail", "unembedded")

# In a subquery, so that it is looked up once for a statement rather than for each row.
VIEWER = "(select nullif(current_setting('contextql.user_id', true), '')::uuid)"

# Under a policy an index is of no use to an operator that might leak what it compares, such as `&&` or `@>`. These
# views show what the policies show, and let it be used: what is compared in our own statements leaks nothing.
VIEWS = ("contexts", "responses")


def walled(table: str, privileges: str) -> tuple[str, ...]:
    """The policy of a table, and what may be done in it."""
    owner = "id" if table == "users" else "user_id"
    return (
        f"alter table {table} enable row level security",
        f"""
        create policy {table}_of_the_viewer on {table} to contextql_viewer
        using ({owner} = {VIEWER})
        """,
        f"grant {privileges} on {table} to contextql_viewer",
    )


def views() -> list[str]:
    made = [
        f"create view own_{table} as select * from {table} where user_id = {VIEWER}"
        for table in VIEWS
    ]
    return [*made, *(f"grant select on own_{table} to contextql_viewer" for table in VIEWS)]


def definer(signature: str, body: str) -> str:
    """A function that does what its caller may not, and finds the tables where they are, whatever its caller says."""
    return f"""
    do $outer$ begin
        execute format($made$
            create function {signature} language plpgsql security definer
            set search_path = %I, pg_temp as $body${body}$body$
        $made$, current_schema());
    end $outer$
    """


PINNED = """
    do $$ begin
        execute format(
            'alter function {0}() security definer set search_path = %I, pg_temp', current_schema()
        );
    end $$
"""
EMBEDDING = ("stored_contexts_await_embedding", "changed_contexts_await_embedding")

AUDIT = (
    # Whoever works for one user can tell of that user only. Of very many objects the first thousand are named.
    definer(
        "audit(action text, kind text, about uuid, objects uuid[], how_many integer) returns void",
        f"""
        begin
            insert into audit_trail (id, actor, action, kind, user_id, objects, count)
            values (
                gen_random_uuid(),
                coalesce(nullif(current_setting('contextql.actor', true), ''), 'system'),
                action, kind,
                case when current_setting('role') = 'contextql_viewer' then {VIEWER} else about end,
                objects[1 : 1000], how_many
            );
        end
        """,
    ),
    "revoke execute on function audit from public",
    "grant execute on function audit to contextql_viewer",
    # The argument of each trigger is the kind.
    definer(
        "audit_stored() returns trigger",
        """
        begin
            perform audit('created', tg_argv[0], user_id, array_agg(id order by id), count(*)::integer)
            from stored group by user_id;
            return null;
        end
        """,
    ),
    definer(
        "audit_changed() returns trigger",
        """
        begin
            perform audit(
                case
                    when was.is_active and not stored.is_active then 'deleted'
                    when stored.is_active and not was.is_active then 'restored'
                    else 'changed'
                end,
                tg_argv[0], stored.user_id, array_agg(stored.id order by stored.id), count(*)::integer
            )
            from stored join was on was.user_id = stored.user_id and was.id = stored.id
            group by stored.user_id, was.is_active, stored.is_active;
            return null;
        end
        """,
    ),
    definer(
        "audit_erased() returns trigger",
        """
        begin
            perform audit('erased', tg_argv[0], user_id, array_agg(id order by id), count(*)::integer)
            from was group by user_id;
            return null;
        end
        """,
    ),
    # One row, of whom and which the trigger's condition has seen to. Arguments: the action and the kind.
    definer(
        "audit_one() returns trigger",
        """
        declare
            it record := coalesce(new, old);
            about uuid := case when tg_table_name = 'users' then it.id else (to_jsonb(it) ->> 'user_id')::uuid end;
        begin
            perform audit(tg_argv[0], tg_argv[1], about, array[it.id], 1);
            return null;
        end
        """,
    ),
)


def audited(table: str, kind: str) -> tuple[str, ...]:
    """What is told of a table whose rows are written several at once: one entry a statement and user."""
    return (
        f"""
        create trigger {table}_created_are_audited after insert on {table}
        referencing new table as stored for each statement execute function audit_stored('{kind}')
        """,
        f"""
        create trigger {table}_erased_are_audited after delete on {table}
        referencing old table as was for each statement execute function audit_erased('{kind}')
        """,
    )


def audited_changes(table: str, kind: str) -> str:
    return f"""
    create trigger {table}_changed_are_audited after update on {table}
    referencing old table as was new table as stored
    for each statement execute function audit_changed('{kind}')
    """


def audited_one(table: str, when: str, action: str, kind: str, condition: str = "true") -> str:
    return f"""
    create trigger {table}_{action}_are_audited after {when} on {table}
    for each row when ({condition}) execute function audit_one('{action}', '{kind}')
    """


TRIGGERS = (
    *audited("contexts", "context"),
    audited_changes("contexts", "context"),
    *audited("conversations", "conversation"),
    audited_changes("conversations", "conversation"),
    # What happens to a response while it streams is its own story, and told in its events.
    *audited("responses", "response"),
    audited_one(
        "responses",
        "update of status",
        "cancelled",
        "response",
        "new.status = 'CANCELLED' and old.status <> new.status",
    ),
    audited_one("users", "insert", "created", "user"),
    audited_one(
        "users",
        "update",
        "changed",
        "user",
        "(old.name, old.metadata, old.updated_at) is distinct from (new.name, new.metadata, new.updated_at)",
    ),
    audited_one("users", "delete", "erased", "user"),
    # Never the hash, nor when a key was last used.
    audited_one("api_keys", "insert", "created", "api_key"),
    audited_one(
        "api_keys",
        "update of revoked_at",
        "revoked",
        "api_key",
        "old.revoked_at is null and new.revoked_at is not null",
    ),
    audited_one("api_keys", "delete", "erased", "api_key"),
)

NAMES = {
    "contexts": ("created", "erased", "changed"),
    "conversations": ("created", "erased", "changed"),
    "responses": ("created", "erased", "cancelled"),
    "users": ("created", "changed", "erased"),
    "api_keys": ("created", "revoked", "erased"),
}

UPGRADE = (
    *ROLE,
    *(statement for table, granted in GRANTS.items() for statement in walled(table, granted)),
    *(f"alter table {table} enable row level security" for table in CLOSED),
    # Which embeddings there are to be compared with, and nothing else of the models.
    "grant select (model, dimensions, is_forgotten) on embedding_models to contextql_viewer",
    *views(),
    *(PINNED.format(function) for function in EMBEDDING),
    *AUDIT,
    *TRIGGERS,
)

DOWNGRADE = (
    *(
        f"drop trigger {table}_{action}_are_audited on {table}"
        for table, actions in NAMES.items()
        for action in actions
    ),
    *(f"drop function audit_{name}" for name in ("one", "erased", "changed", "stored")),
    "drop function audit",
    *(f"alter function {function}() security invoker reset search_path" for function in EMBEDDING),
    *(f"drop view own_{table}" for table in VIEWS),
    *(f"drop policy {table}_of_the_viewer on {table}" for table in GRANTS),
    *(f"alter table {table} disable row level security" for table in (*GRANTS, *CLOSED)),
    *(f"revoke all on {table} from contextql_viewer" for table in (*GRANTS, "embedding_models")),
    "revoke select (model, dimensions, is_forgotten) on embedding_models from contextql_viewer",
    # The role stays: other databases of the server may have it.
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
