-- Whom a bulk operation is on, fixed when it was started. The profile comes first: erasing someone finds their rows.
create table operation_profile (
  section_id   integer not null,
  profile_id   bigint  not null,
  operation_id integer not null,
  constraint operation_profile_pkey primary key (section_id, profile_id, operation_id)
);
select place_table('operation_profile', 'section');
alter table operation_profile add constraint operation_profile_section_id_operation_id_fkey
  foreign key (section_id, operation_id) references operation (section_id, id) on delete cascade;
