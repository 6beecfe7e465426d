-- Flows use messages, forms and other flows.
alter table "use"
  add column used_message integer generated always as (case when used_kind = 'message' then used_id end) stored,
  add column used_form integer generated always as (case when used_kind = 'form' then used_id end) stored,
  add column used_flow integer generated always as (case when used_kind = 'flow' then used_id end) stored;
alter table "use" drop constraint use_known_kinds;
alter table "use" add constraint use_known_kinds check (
  num_nonnulls(user_segment, user_import, user_list, user_message, user_form, user_flow) = 1
  and num_nonnulls(used_tag, used_attribute, used_event, used_segment, used_topic, used_message, used_form, used_flow) = 1
);
alter table "use" add constraint use_section_id_used_message_fkey
  foreign key (section_id, used_message) references message (section_id, id) on delete restrict on update no action;
alter table "use" add constraint use_section_id_used_form_fkey
  foreign key (section_id, used_form) references form (section_id, id) on delete restrict on update no action;
alter table "use" add constraint use_section_id_used_flow_fkey
  foreign key (section_id, used_flow) references flow (section_id, id) on delete restrict on update no action;

insert into "use" (section_id, user_kind, user_id, used_kind, used_id)
select distinct written.section_id, 'flow', written.flow_id, named.kind, named.id::int
from (
  select section_id, id as flow_id, document from flow where deleted_at is null
  union all
  select version.section_id, version.flow_id, version.document
  from flow_version version
  join flow on flow.section_id = version.section_id and flow.id = version.flow_id and flow.version = version.version
  where flow.deleted_at is null and flow.state in ('live', 'paused')
) written
cross join lateral (
  select 'message' as kind, jsonb_path_query(written.document, '$.**.messageId ? (@.type() == "number")') as id
  union all
  select 'form', jsonb_path_query(written.document, '$.**.formId ? (@.type() == "number")')
  union all
  select 'flow', jsonb_path_query(written.document, '$.**.flowId ? (@.type() == "number")')
) named
where named.kind = 'message' and exists (
    select from message where message.section_id = written.section_id and message.id = named.id::int
  )
  or named.kind = 'form' and exists (
    select from form where form.section_id = written.section_id and form.id = named.id::int
  )
  or named.kind = 'flow' and exists (
    select from flow other where other.section_id = written.section_id and other.id = named.id::int
  )
on conflict do nothing;

-- The history of flows is removed when it is old.
create index flow_visit_section_id_at_idx on flow_visit (section_id, at);
drop index flow_moved_at_idx;
create index flow_moved_section_id_at_idx on flow_moved (section_id, at);
