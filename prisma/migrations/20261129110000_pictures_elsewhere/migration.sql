-- A picture's bytes may be in a storage that the operator has chosen, under the key `stored`.
alter table picture
  alter column bytes drop not null,
  add column stored text,
  add constraint picture_somewhere check (bytes is not null or stored is not null);
