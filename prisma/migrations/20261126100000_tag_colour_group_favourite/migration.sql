-- Colour and group of a tag, each person's favourites, and an index for the history of one thing.
alter table "tag" add column "colour" text;
alter table "tag" add column "group_name" text not null default '';
alter table "tag" add constraint "tag_known_colour" check (
  "colour" in ('red', 'orange', 'yellow', 'green', 'teal', 'sky', 'blue', 'purple', 'pink', 'brown')
);

create table "tag_favourite" (
  "section_id" integer not null,
  "user_id" integer not null,
  "tag_id" integer not null,

  constraint "tag_favourite_pkey" primary key ("section_id", "user_id", "tag_id")
);
select place_table('tag_favourite', 'section');
alter table "tag_favourite" add constraint "tag_favourite_section_id_tag_id_fkey"
  foreign key ("section_id", "tag_id") references "tag" ("section_id", "id") on delete restrict on update no action;

create index "audit_entry_section_id_subject_id_idx" on "audit_entry" ("section_id", "subject", "id" desc);
