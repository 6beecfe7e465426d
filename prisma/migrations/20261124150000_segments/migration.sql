-- CreateTable
CREATE TABLE "segment" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "discriminator" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "rules" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" INTEGER,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_by" INTEGER,

    CONSTRAINT "segment_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "segment_use" (
    "section_id" INTEGER NOT NULL,
    "segment_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "tag_id" INTEGER,
    "attribute_id" INTEGER,
    "event_type_id" INTEGER,
    "used_segment_id" INTEGER,

    CONSTRAINT "segment_use_pkey" PRIMARY KEY ("section_id","segment_id","seq")
);

-- CreateTable
CREATE TABLE "segment_size" (
    "section_id" INTEGER NOT NULL,
    "segment_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "profiles" BIGINT NOT NULL,

    CONSTRAINT "segment_size_pkey" PRIMARY KEY ("section_id","segment_id","at")
);

-- CreateTable
CREATE TABLE "profile_count" (
    "section_id" INTEGER NOT NULL,
    "slot" INTEGER NOT NULL,
    "profiles" BIGINT NOT NULL,

    CONSTRAINT "profile_count_pkey" PRIMARY KEY ("section_id","slot")
);

-- CreateIndex
CREATE UNIQUE INDEX "segment_section_id_discriminator_key" ON "segment"("section_id", "discriminator");

-- CreateIndex
CREATE UNIQUE INDEX "segment_section_id_name_key_key" ON "segment"("section_id", "name_key");

-- CreateIndex
CREATE INDEX "segment_use_section_id_tag_id_idx" ON "segment_use"("section_id", "tag_id");

-- CreateIndex
CREATE INDEX "segment_use_section_id_used_segment_id_idx" ON "segment_use"("section_id", "used_segment_id");

-- CreateIndex
CREATE INDEX "tag_change_history" ON "tag_change"("section_id", "tag_id", "at", "profile_id", "action", "source", "visible", "id");

-- CreateIndex
CREATE INDEX "profile_event_section_id_version_id_at_profile_id_idx" ON "profile_event"("section_id", "version_id", "at", "profile_id");

-- AddForeignKey
ALTER TABLE "segment" ADD CONSTRAINT "segment_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segment_use" ADD CONSTRAINT "segment_use_section_id_segment_id_fkey" FOREIGN KEY ("section_id", "segment_id") REFERENCES "segment"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segment_use" ADD CONSTRAINT "segment_use_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "segment_use" ADD CONSTRAINT "segment_use_section_id_attribute_id_fkey" FOREIGN KEY ("section_id", "attribute_id") REFERENCES "attribute"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "segment_use" ADD CONSTRAINT "segment_use_section_id_event_type_id_fkey" FOREIGN KEY ("section_id", "event_type_id") REFERENCES "event_type"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "segment_use" ADD CONSTRAINT "segment_use_section_id_used_segment_id_fkey" FOREIGN KEY ("section_id", "used_segment_id") REFERENCES "segment"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "segment_size" ADD CONSTRAINT "segment_size_section_id_segment_id_fkey" FOREIGN KEY ("section_id", "segment_id") REFERENCES "segment"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_count" ADD CONSTRAINT "profile_count_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot express.

alter table segment
  add constraint segment_name_length check (char_length(name) between 1 and 100),
  add constraint segment_rules_object check (jsonb_typeof(rules) = 'object');
alter table segment_use
  add constraint segment_use_one_thing check (num_nonnulls(tag_id, attribute_id, event_type_id, used_segment_id) = 1);

-- How many profiles there are, by the connection that added or removed them: so that 'all but those' need not read everyone.
alter table profile_count set (fillfactor = 50);

create function count_profiles() returns trigger language plpgsql as $$
begin
  insert into profile_count as counter (section_id, slot, profiles)
  select section_id, pg_backend_pid(), case when tg_op = 'INSERT' then count(*) else -count(*) end
  from changed
  group by section_id
  on conflict (section_id, slot) do update set profiles = counter.profiles + excluded.profiles;
  return null;
end $$;
create trigger profile_counted_insert after insert on profile
  referencing new table as changed for each statement execute function count_profiles();
create trigger profile_counted_delete after delete on profile
  referencing old table as changed for each statement execute function count_profiles();
create function refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'profiles are counted as they come and go: delete them instead of truncating';
end $$;
create trigger profile_not_truncated before truncate on profile for each statement execute function refuse_truncate();
-- The triggers have locked the table until the end of this migration, so nobody comes between.
insert into profile_count (section_id, slot, profiles) select section_id, 0, count(*) from profile group by section_id;
