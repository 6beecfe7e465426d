-- Possible duplicates: pairs of profiles that may be one person, as the last look found them, and what people decided about them.
create table "duplicate_pair" (
  "section_id" integer not null,
  "first_profile_id" bigint not null,
  "second_profile_id" bigint not null,
  "reasons" smallint not null,
  "look_id" integer not null,
  "dismissed_at" timestamptz(3),
  "dismissed_by" integer,

  constraint "duplicate_pair_pkey" primary key ("section_id", "first_profile_id", "second_profile_id")
);
select place_table('duplicate_pair', 'section');
create index "duplicate_pair_section_id_second_profile_id_idx" on "duplicate_pair" ("section_id", "second_profile_id");
create index "duplicate_pair_open" on "duplicate_pair" ("section_id", "reasons", "first_profile_id", "second_profile_id")
  where "dismissed_at" is null;
create index "duplicate_pair_dismissed" on "duplicate_pair" ("section_id", "dismissed_at", "first_profile_id", "second_profile_id")
  where "dismissed_at" is not null;

create table "duplicate_crowd" (
  "section_id" integer not null,
  "look_id" integer not null,
  "reason" smallint not null,
  "profile_id" bigint not null,
  "people" integer not null,

  constraint "duplicate_crowd_pkey" primary key ("section_id", "look_id", "reason", "profile_id")
);
select place_table('duplicate_crowd', 'section');

create table "duplicate_look" (
  "section_id" integer not null,
  "operation_id" integer not null,
  "calling_code" text,
  "done_id" integer,
  "done_at" timestamptz(3),

  constraint "duplicate_look_pkey" primary key ("section_id")
);
select place_table('duplicate_look', 'section');
