-- Cookie ids of web browsers: a person has one for each device, in all other keyspaces one key.
insert into keyspace (account_id, kind, discriminator, name)
select account.id, 'web', 'com.apsis1.keyspaces.web', 'Web'
from account
on conflict (account_id, discriminator) do nothing;

alter table profile_key add column slot integer not null default 0;
create unique index profile_key_section_id_profile_id_keyspace_id_slot_key
  on profile_key (section_id, profile_id, keyspace_id, slot);
drop index profile_key_section_id_profile_id_keyspace_id_key;
