-- Keys, values and names that were stored before they were spelt in one way (lib/text/canonical.ts). What would become
-- equal to another stays as it is: two people or two tags are never made one by an upgrade.

create temporary table respelt_key on commit drop as
select distinct on (section_id, keyspace_id, wanted) section_id, keyspace_id, key, wanted, profile_id
from (
  select section_id, keyspace_id, key, profile_id,
    normalize(regexp_replace(key, '[\u00AD\u034F\u061C\u115F\u1160\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0]', '', 'g'), NFC) as wanted
  from profile_key
  where key ~ '[^ -~]'
) respelt
where wanted <> key and wanted <> ''
  and not exists (
    select from profile_key taken
    where taken.section_id = respelt.section_id and taken.keyspace_id = respelt.keyspace_id and taken.key = respelt.wanted
  )
order by section_id, keyspace_id, wanted, profile_id;

update profile_key
set key = respelt_key.wanted
from respelt_key
where profile_key.section_id = respelt_key.section_id and profile_key.keyspace_id = respelt_key.keyspace_id
  and profile_key.key = respelt_key.key;

update profile
set attributes = profile.attributes || jsonb_build_object(follower.code, respelt_key.wanted)
from respelt_key
join keyspace on keyspace.id = respelt_key.keyspace_id
cross join lateral (
  select case keyspace.kind when 'email' then 'email' when 'mobile' then 'mobile' when 'crm_id' then 'crmid' end as code
) follower
where profile.section_id = respelt_key.section_id and profile.id = respelt_key.profile_id
  and profile.attributes ->> follower.code = respelt_key.key;

-- Values that follow a key stay with it, composed or not.
update profile
set attributes = profile.attributes || (
  select jsonb_object_agg(code, normalize(text, NFC))
  from jsonb_each_text(profile.attributes) value (code, text)
  where code not in ('email', 'mobile', 'crmid') and jsonb_typeof(profile.attributes -> code) = 'string'
)
where profile.attributes::text is not nfc normalized
  and exists (
    select from jsonb_each_text(profile.attributes) value (code, text)
    where code not in ('email', 'mobile', 'crmid') and jsonb_typeof(profile.attributes -> code) = 'string'
  );

update tag
set name_key = regexp_replace(name_key, '[\u00AD\u034F\u115F\u1160\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]', '', 'g')
where name_key ~ '[\u00AD\u034F\u115F\u1160\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]'
  and regexp_replace(name_key, '[\u00AD\u034F\u115F\u1160\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]', '', 'g') <> ''
  and not exists (
    select from tag other
    where other.section_id = tag.section_id and other.id <> tag.id and other.hidden_at is null
      and regexp_replace(other.name_key, '[\u00AD\u034F\u115F\u1160\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]', '', 'g')
        = regexp_replace(tag.name_key, '[\u00AD\u034F\u115F\u1160\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]', '', 'g')
  );
