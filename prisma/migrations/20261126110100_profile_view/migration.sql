-- Saved views of the profiles list: a filter, columns, an order and a density, by name.
create table "profile_view" (
  "section_id" integer not null,
  "id" bigserial not null,
  "user_id" integer not null,
  "name" text not null,
  "name_key" text not null,
  "shared" boolean not null default false,
  "state" jsonb not null,
  "updated_at" timestamptz(3) not null default current_timestamp,

  constraint "profile_view_pkey" primary key ("section_id", "id")
);
select place_table('profile_view', 'section');
create unique index "profile_view_section_id_user_id_name_key_key" on "profile_view" ("section_id", "user_id", "name_key");
alter table "profile_view" add constraint "profile_view_section_id_fkey"
  foreign key ("section_id") references "section" ("id") on delete restrict on update no action;
alter table "profile_view" add constraint "profile_view_user_id_fkey"
  foreign key ("user_id") references "app_user" ("id") on delete restrict on update no action;
