-- Imports and exports that API clients ask for. `token_hash`: of what the address to upload to, or to download from, has
-- in it, so that the file needs no other authorisation.
create table import_request (
  section_id integer not null,
  id serial not null,
  api_key_id integer not null references api_key (id) on delete cascade on update cascade,
  spec jsonb not null,
  token_hash text not null,
  import_id integer,
  error text,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  constraint import_request_pkey primary key (section_id, id),
  constraint import_request_section_id_import_id_fkey foreign key (section_id, import_id)
    references import (section_id, id) on delete cascade on update no action
);
create unique index import_request_section_id_import_id_key on import_request (section_id, import_id);

create table export_request (
  section_id integer not null references section (id) on delete restrict on update cascade,
  id serial not null,
  api_key_id integer not null references api_key (id) on delete cascade on update cascade,
  spec jsonb not null,
  token_hash text not null,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  constraint export_request_pkey primary key (section_id, id)
);
