-- What uses what, for all kinds of users, in place of segment_use. The generated columns carry the foreign keys.
create table "use" (
  section_id int not null,
  user_kind text not null,
  user_id int not null,
  used_kind text not null,
  used_id int not null,
  user_segment int generated always as (case when user_kind = 'segment' then user_id end) stored,
  user_import int generated always as (case when user_kind = 'import' then user_id end) stored,
  used_tag int generated always as (case when used_kind = 'tag' then used_id end) stored,
  used_attribute int generated always as (case when used_kind = 'attribute' then used_id end) stored,
  used_event int generated always as (case when used_kind = 'event' then used_id end) stored,
  used_segment int generated always as (case when used_kind = 'segment' then used_id end) stored,
  constraint use_pkey primary key (section_id, user_kind, user_id, used_kind, used_id),
  constraint use_known_kinds check (
    num_nonnulls(user_segment, user_import) = 1
    and num_nonnulls(used_tag, used_attribute, used_event, used_segment) = 1
  )
);

insert into "use" (section_id, user_kind, user_id, used_kind, used_id)
select distinct section_id, 'segment', segment_id,
  case
    when tag_id is not null then 'tag'
    when attribute_id is not null then 'attribute'
    when event_type_id is not null then 'event'
    else 'segment'
  end,
  coalesce(tag_id, attribute_id, event_type_id, used_segment_id)
from segment_use;

-- Imports use the tags of their mapping: for every row, by column, and chosen for names in the file.
insert into "use" (section_id, user_kind, user_id, used_kind, used_id)
select distinct import.section_id, 'import', import.id, 'tag', tag.id
from import
cross join lateral (
  select jsonb_array_elements_text(mapping -> 'apply')
  union all
  select jsonb_array_elements_text(mapping -> 'remove')
  union all
  select entry.decision ->> 'tagId' from jsonb_each(mapping -> 'names') entry (name, decision)
  where entry.decision ->> 'to' = 'tag'
  union all
  select target ->> 'tagId' from jsonb_array_elements(mapping -> 'columns') target where target ->> 'to' = 'tag'
) named (tag_id)
join tag on tag.section_id = import.section_id and tag.id = named.tag_id::int;

drop table segment_use;

create index "use_section_id_used_kind_used_id_idx" on "use" (section_id, used_kind, used_id);
create index "use_section_id_user_segment_idx" on "use" (section_id, user_segment);
create index "use_section_id_user_import_idx" on "use" (section_id, user_import);

alter table "use"
  add constraint use_section_id_user_segment_fkey foreign key (section_id, user_segment)
    references segment (section_id, id) on delete cascade on update no action,
  add constraint use_section_id_user_import_fkey foreign key (section_id, user_import)
    references import (section_id, id) on delete cascade on update no action,
  add constraint use_section_id_used_tag_fkey foreign key (section_id, used_tag)
    references tag (section_id, id) on delete restrict on update no action,
  add constraint use_section_id_used_attribute_fkey foreign key (section_id, used_attribute)
    references attribute (section_id, id) on delete restrict on update no action,
  add constraint use_section_id_used_event_fkey foreign key (section_id, used_event)
    references event_type (section_id, id) on delete restrict on update no action,
  add constraint use_section_id_used_segment_fkey foreign key (section_id, used_segment)
    references segment (section_id, id) on delete restrict on update no action;
