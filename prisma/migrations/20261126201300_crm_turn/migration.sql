-- The calls of all processes to a CRM take turns by the key of the vendor's limit.
create unlogged table crm_turn (
  key text not null,
  free_at double precision not null,
  constraint crm_turn_pkey primary key (key)
);
