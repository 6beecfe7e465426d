-- Finds who is kept off a tag among everyone whom lists claim.
create index tag_claim_kept_off on tag_claim (section_id, tag_id, profile_id) where suppressed;

-- Lists of integrations use the tags that they keep.
alter table "use"
  add column user_list int generated always as (case when user_kind = 'list' then user_id end) stored;
alter table "use" drop constraint use_known_kinds;
alter table "use" add constraint use_known_kinds check (
  num_nonnulls(user_segment, user_import, user_list) = 1
  and num_nonnulls(used_tag, used_attribute, used_event, used_segment) = 1
);
create index "use_section_id_user_list_idx" on "use" (section_id, user_list);
alter table "use" add constraint use_section_id_user_list_fkey
  foreign key (section_id, user_list) references connection_list (section_id, id) on delete cascade on update no action;

insert into "use" (section_id, user_kind, user_id, used_kind, used_id)
select section_id, 'list', id, 'tag', tag_id from connection_list where status <> 'left';
