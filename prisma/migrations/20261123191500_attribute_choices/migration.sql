-- An attribute without choices has an empty list of them, never null.
update attribute set choices = '{}' where choices is null;
alter table attribute
  alter column choices set default array[]::text[],
  add constraint attribute_choices_known check (choices is not null);
