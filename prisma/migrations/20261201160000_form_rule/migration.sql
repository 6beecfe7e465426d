-- Which forms of a section ask for a confirmation by email, whoever makes them.
create table form_rule (
  section_id   integer not null,
  confirmation text not null,
  changed_by   integer,
  changed_at   timestamptz(3) not null,

  constraint form_rule_pkey primary key (section_id)
);
select place_table('form_rule', 'section');
alter table form_rule add constraint form_rule_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
