-- Imports keep the file itself, so that it can be read another way; rows are staged when a run begins, resolved.

-- Uploads that were waiting are staged in the old way: they have to be uploaded anew.
delete from import where operation_id is null;

alter table import
  add column checked boolean not null default false,
  add column dry_operation_id integer,
  add constraint import_section_id_dry_operation_id_fkey foreign key (section_id, dry_operation_id)
    references operation (section_id, id) on delete restrict on update no action;

create table import_chunk (
  section_id integer not null,
  import_id integer not null,
  original boolean not null,
  seq integer not null,
  bytes bytea not null,
  constraint import_chunk_pkey primary key (section_id, import_id, original, seq),
  constraint import_chunk_section_id_import_id_fkey foreign key (section_id, import_id)
    references import (section_id, id) on delete cascade on update cascade
);
-- Read once or twice and thrown away: not worth compressing.
alter table import_chunk alter column bytes set storage external;

alter table import_row
  add column key text collate "C",
  add column attributes jsonb,
  add column other_keys jsonb,
  add column apply text[],
  add column remove text[],
  add column reason text;

create table import_repeat (
  section_id integer not null,
  import_id integer not null,
  first_row integer not null,
  row integer not null,
  constraint import_repeat_pkey primary key (section_id, import_id, row),
  constraint import_repeat_section_id_import_id_fkey foreign key (section_id, import_id)
    references import (section_id, id) on delete cascade on update cascade
);
create index import_repeat_section_id_import_id_first_row_idx on import_repeat (section_id, import_id, first_row);

alter table operation add column result jsonb;

create table undo_exception (
  section_id integer not null,
  operation_id integer not null,
  id bigserial not null,
  profile_id bigint not null,
  tag_id integer,
  reason text not null,
  constraint undo_exception_pkey primary key (section_id, operation_id, id),
  constraint undo_exception_section_id_operation_id_fkey foreign key (section_id, operation_id)
    references operation (section_id, id) on delete restrict on update cascade,
  constraint undo_exception_section_id_tag_id_fkey foreign key (section_id, tag_id)
    references tag (section_id, id) on delete restrict on update cascade,
  constraint undo_exception_reason check (reason in ('changed_since', 'hidden', 'gone'))
);
