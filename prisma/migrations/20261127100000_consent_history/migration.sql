-- Topics in folders, and the history of consents: what changed, and the evidence of it.
alter table topic add column folder text not null default '';
alter table topic add column description text not null default '';
alter table topic add column hidden_at timestamptz(3);

create table consent_change (
  section_id   integer not null,
  id           bigserial not null,
  profile_id   bigint,
  topic_id     integer not null,
  channel      text not null,
  before       text,
  after        text,
  reason       text not null default '',
  given_source text not null default '',
  wording      text not null default '',
  proof        text not null default '',
  source       smallint not null,
  user_id      integer,
  api_key_id   integer,
  operation_id integer,
  origin_id    integer,
  at           timestamptz(3) not null,

  constraint consent_change_pkey primary key (section_id, id),
  constraint consent_change_channel check (channel in ('email', 'sms')),
  constraint consent_change_types check (
    before is distinct from after
    and (before is null or before in ('opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'))
    and (after is null or after in ('opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'))
  )
);
select place_table('consent_change', 'section');
create index consent_change_section_id_profile_id_at_id_idx on consent_change (section_id, profile_id, at, id);
create index consent_change_section_id_operation_id_id_idx on consent_change (section_id, operation_id, id);

-- The one change that it allows: forgetting who it was, with all that may name them, when a person is erased.
create function consent_change_guard() returns trigger language plpgsql as $$
begin
  if new.profile_id is null and new.reason = '' and new.given_source = '' and new.proof = ''
    and to_jsonb(new) - array['profile_id', 'reason', 'given_source', 'proof']
      = to_jsonb(old) - array['profile_id', 'reason', 'given_source', 'proof'] then
    return new;
  end if;
  raise exception 'consent_change is append-only' using errcode = 'restrict_violation';
end $$;
create trigger consent_change_update before update on consent_change
  for each row execute function consent_change_guard();
create trigger consent_change_delete before delete on consent_change for each row execute function append_only();
create trigger consent_change_truncate before truncate on consent_change for each statement execute function append_only();

alter table consent_change add constraint consent_change_section_id_topic_id_fkey
  foreign key (section_id, topic_id) references topic (section_id, id) on delete restrict on update no action;

-- Until now changes of consents were in the history of profile data, alone in their rows, by the names of topics.
insert into consent_change
  (section_id, profile_id, topic_id, channel, before, after, reason, given_source, source, user_id, api_key_id, operation_id, at)
select noted.section_id, noted.profile_id, noted.topic_id, noted.channel, noted.before, noted.after,
  coalesce(consent.reason, ''), coalesce(consent.source, ''), noted.source, noted.user_id, noted.api_key_id,
  noted.operation_id, noted.at
from (
  select change.section_id, change.id, change.profile_id, topic.id as topic_id, channels.channel,
    change.before ->> entry.code as before, change.after ->> entry.code as after, change.source, change.user_id,
    change.api_key_id, change.operation_id, change.at,
    row_number() over (
      partition by change.section_id, change.profile_id, topic.id, channels.channel order by change.id desc
    ) as newest
  from profile_change change
  cross join jsonb_object_keys(change.after) entry (code)
  cross join (values ('email'), ('sms')) channels (channel)
  join topic on topic.section_id = change.section_id and entry.code = 'consent:' || topic.name || ', ' || channels.channel
  where change.after::text like '{"consent:%'
) noted
left join consent
  on consent.section_id = noted.section_id and consent.profile_id = noted.profile_id
  and consent.topic_id = noted.topic_id and consent.channel = noted.channel
  and noted.newest = 1 and consent.type = noted.after
where noted.before is distinct from noted.after
order by noted.section_id, noted.id;

delete from profile_change where not created and after::text like '{"consent:%';
