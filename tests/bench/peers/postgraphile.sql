-- What PostGraphile makes its graph of: views that show what is there, with the keys that views cannot have by
-- themselves. Conditions that always hold are literal in them, so that the indexes that depend on these serve.
create schema shown;

create view shown.users as
select id, external_id, name, metadata, created_at, updated_at from users;

create view shown.conversations as
select user_id, id, title, metadata, created_at, updated_at, version from conversations where is_active;

create view shown.contexts as
select user_id, id, conversation_id, context_type, content, metadata, created_at, updated_at, version
from contexts where is_active and (expires_at is null or expires_at > now());

create view shown.turns as select * from shown.contexts where context_type = 'conversation';

create view shown.responses as
select user_id, id, conversation_id, status, text, budget, (grounding -> 'tokens')::integer as tokens, created_at
from responses;

create view shown.grounding_items as
select r.user_id, r.id as response_id, item.place, (item.value ->> 'contextId')::uuid as context_id,
    (item.value -> 'rank')::integer as rank, (item.value -> 'score')::double precision as score,
    item.value ->> 'reason' as reason, item.value ->> 'section' as section,
    (item.value -> 'included')::boolean as included
from responses r
cross join lateral jsonb_array_elements(r.grounding -> 'items') with ordinality as item (value, place);

create view shown.citations as
select r.user_id, r.id as response_id, n.place, c.start, c.after,
    substring(r.text from c.start + 2 for c.after - c.start - 2)::integer as number
from responses r
cross join lateral generate_series(1, regexp_count(r.text, '\[\d+\]')) as n (place)
cross join lateral (
    select regexp_instr(r.text, '\[\d+\]', 1, n.place) - 1 as start,
        regexp_instr(r.text, '\[\d+\]', 1, n.place, 1) - 1 as after
) c;

create function shown.create_context(user_id uuid, context_type text, content jsonb) returns shown.contexts
language sql volatile as $$
    insert into contexts (user_id, id, context_type, content, search)
    values ($1, uuidv7(), $2, $3, to_tsvector('english', $2 || chr(10) || ($3 ->> 'text')))
    returning user_id, id, conversation_id, context_type, content, metadata, created_at, updated_at, version
$$;

comment on view shown.users is '
@primaryKey id
@unique external_id
@behavior -insert -update -delete +query:resource:single';
comment on view shown.conversations is '
@primaryKey user_id,id
@unique id
@foreignKey (user_id) references shown.users (id)|@foreignFieldName conversations
@behavior -insert -update -delete';
comment on view shown.contexts is '
@primaryKey user_id,id
@unique id
@foreignKey (user_id) references shown.users (id)|@foreignFieldName contexts
@behavior -insert -update -delete';
comment on view shown.turns is '
@primaryKey user_id,id
@unique id
@foreignKey (user_id, conversation_id) references shown.conversations (user_id, id)|@foreignFieldName turns
@behavior -insert -update -delete';
comment on view shown.responses is '
@primaryKey user_id,id
@unique id
@foreignKey (user_id, conversation_id) references shown.conversations (user_id, id)|@foreignFieldName responses
@behavior -insert -update -delete';
comment on view shown.grounding_items is '
@primaryKey user_id,response_id,place
@foreignKey (user_id, response_id) references shown.responses (user_id, id)|@foreignFieldName items
@foreignKey (user_id, context_id) references shown.contexts (user_id, id)|@fieldName context
@behavior -insert -update -delete';
comment on view shown.citations is '
@primaryKey user_id,response_id,place
@foreignKey (user_id, response_id) references shown.responses (user_id, id)|@foreignFieldName citations
@behavior -insert -update -delete';
