-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'user');

-- CreateEnum
CREATE TYPE "attribute_type" AS ENUM ('text', 'number', 'date', 'boolean', 'choice');

-- CreateEnum
CREATE TYPE "operation_status" AS ENUM ('queued', 'running', 'done', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "import_status" AS ENUM ('uploading', 'mapping', 'running', 'done', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "account" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "set_up_token_hash" TEXT,
    "set_up_at" TIMESTAMPTZ(3),

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "section" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "discriminator" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "section_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "role" "role" NOT NULL,
    "all_sections" BOOLEAN NOT NULL DEFAULT false,
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sign_in_at" TIMESTAMPTZ(3),
    "deactivated_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_section" (
    "user_id" INTEGER NOT NULL,
    "section_id" INTEGER NOT NULL,

    CONSTRAINT "user_section_pkey" PRIMARY KEY ("user_id","section_id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "user_id" INTEGER,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "all_sections" BOOLEAN NOT NULL DEFAULT false,
    "section_ids" INTEGER[],
    "token_hash" TEXT NOT NULL,
    "invited_by" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "key" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "section_id" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "user_id" INTEGER,
    "actor_name" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "subject" TEXT,
    "summary" TEXT NOT NULL,
    "details" JSONB,
    "ip" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "command_receipt" (
    "account_id" INTEGER NOT NULL,
    "request_id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "answer" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "command_receipt_pkey" PRIMARY KEY ("account_id","request_id")
);

-- CreateTable
CREATE TABLE "keyspace" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "discriminator" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "keyspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attribute" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "code" TEXT NOT NULL,
    "discriminator" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "type" "attribute_type" NOT NULL,
    "choices" TEXT[],
    "description" TEXT NOT NULL DEFAULT '',
    "system" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" INTEGER,
    "hidden_at" TIMESTAMPTZ(3),
    "hidden_by" INTEGER,

    CONSTRAINT "attribute_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "tag" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "discriminator" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "owner_note" TEXT NOT NULL DEFAULT '',
    "has_claims" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" INTEGER,
    "hidden_at" TIMESTAMPTZ(3),
    "hidden_by" INTEGER,
    "merged_into" INTEGER,

    CONSTRAINT "tag_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "tag_permission" (
    "section_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "keyspace_id" INTEGER NOT NULL,
    "can_read" BOOLEAN NOT NULL,
    "can_write" BOOLEAN NOT NULL,

    CONSTRAINT "tag_permission_pkey" PRIMARY KEY ("section_id","tag_id","keyspace_id")
);

-- CreateTable
CREATE TABLE "profile" (
    "section_id" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "profile_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "profile_key" (
    "section_id" INTEGER NOT NULL,
    "keyspace_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "profile_id" BIGINT NOT NULL,

    CONSTRAINT "profile_key_pkey" PRIMARY KEY ("section_id","keyspace_id","key")
);

-- CreateTable
CREATE TABLE "profile_change" (
    "section_id" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "profile_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created" BOOLEAN NOT NULL DEFAULT false,
    "before" JSONB NOT NULL DEFAULT '{}',
    "after" JSONB NOT NULL DEFAULT '{}',
    "source" SMALLINT NOT NULL,
    "user_id" INTEGER,
    "operation_id" INTEGER,

    CONSTRAINT "profile_change_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "profile_tag" (
    "section_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "profile_id" BIGINT NOT NULL,
    "direct" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "profile_tag_pkey" PRIMARY KEY ("section_id","tag_id","profile_id")
);

-- CreateTable
CREATE TABLE "claim_holder" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "claim_holder_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "tag_claim" (
    "section_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "profile_id" BIGINT NOT NULL,
    "holder_id" INTEGER NOT NULL,
    "suppressed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "tag_claim_pkey" PRIMARY KEY ("section_id","tag_id","profile_id","holder_id")
);

-- CreateTable
CREATE TABLE "tag_change" (
    "section_id" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "profile_id" BIGINT,
    "holder_id" INTEGER NOT NULL DEFAULT 0,
    "action" SMALLINT NOT NULL,
    "visible" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "source" SMALLINT NOT NULL,
    "user_id" INTEGER,
    "operation_id" INTEGER,

    CONSTRAINT "tag_change_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "tag_count" (
    "section_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "slot" INTEGER NOT NULL,
    "profiles" BIGINT NOT NULL,
    "last_applied" TIMESTAMPTZ(3),

    CONSTRAINT "tag_count_pkey" PRIMARY KEY ("section_id","tag_id","slot")
);

-- CreateTable
CREATE TABLE "tag_day" (
    "section_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "source" SMALLINT NOT NULL,
    "slot" INTEGER NOT NULL,
    "applied" BIGINT NOT NULL,
    "removed" BIGINT NOT NULL,

    CONSTRAINT "tag_day_pkey" PRIMARY KEY ("section_id","tag_id","day","source","slot")
);

-- CreateTable
CREATE TABLE "operation" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "status" "operation_status" NOT NULL DEFAULT 'queued',
    "summary" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "counts" JSONB NOT NULL DEFAULT '{}',
    "total" INTEGER,
    "progress" INTEGER NOT NULL DEFAULT 0,
    "phase" SMALLINT NOT NULL DEFAULT 0,
    "cursor" BIGINT NOT NULL DEFAULT 0,
    "undo_of" INTEGER,
    "user_id" INTEGER,
    "runner" TEXT,
    "heartbeat" TIMESTAMPTZ(3),
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "operation_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "import" (
    "section_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "operation_id" INTEGER,
    "status" "import_status" NOT NULL DEFAULT 'uploading',
    "file_name" TEXT NOT NULL,
    "file_bytes" BIGINT NOT NULL DEFAULT 0,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "format" JSONB NOT NULL DEFAULT '{}',
    "mapping" JSONB NOT NULL DEFAULT '{}',
    "error" TEXT,
    "user_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uploaded_at" TIMESTAMPTZ(3),

    CONSTRAINT "import_pkey" PRIMARY KEY ("section_id","id")
);

-- CreateTable
CREATE TABLE "import_row" (
    "section_id" INTEGER NOT NULL,
    "import_id" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "cells" TEXT[],

    CONSTRAINT "import_row_pkey" PRIMARY KEY ("section_id","import_id","row")
);

-- CreateTable
CREATE TABLE "import_reject" (
    "section_id" INTEGER NOT NULL,
    "import_id" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "cells" TEXT[],
    "reason" TEXT NOT NULL,
    "key" TEXT,

    CONSTRAINT "import_reject_pkey" PRIMARY KEY ("section_id","import_id","row")
);

-- CreateIndex
CREATE UNIQUE INDEX "section_discriminator_key" ON "section"("discriminator");

-- CreateIndex
CREATE UNIQUE INDEX "section_account_id_slug_key" ON "section"("account_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE INDEX "app_user_account_id_idx" ON "app_user"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_account_id_idx" ON "invitation"("account_id");

-- CreateIndex
CREATE INDEX "audit_entry_account_id_id_idx" ON "audit_entry"("account_id", "id" DESC);

-- CreateIndex
CREATE INDEX "command_receipt_at_idx" ON "command_receipt"("at");

-- CreateIndex
CREATE UNIQUE INDEX "keyspace_account_id_discriminator_key" ON "keyspace"("account_id", "discriminator");

-- CreateIndex
CREATE UNIQUE INDEX "attribute_section_id_code_key" ON "attribute"("section_id", "code");

-- CreateIndex
CREATE UNIQUE INDEX "attribute_section_id_discriminator_key" ON "attribute"("section_id", "discriminator");

-- CreateIndex
CREATE UNIQUE INDEX "tag_section_id_discriminator_key" ON "tag"("section_id", "discriminator");

-- CreateIndex
CREATE UNIQUE INDEX "profile_key_section_id_profile_id_keyspace_id_key" ON "profile_key"("section_id", "profile_id", "keyspace_id");

-- CreateIndex
CREATE INDEX "profile_change_section_id_profile_id_id_idx" ON "profile_change"("section_id", "profile_id", "id");

-- CreateIndex
CREATE INDEX "profile_change_section_id_operation_id_profile_id_idx" ON "profile_change"("section_id", "operation_id", "profile_id");

-- CreateIndex
CREATE INDEX "profile_tag_section_id_profile_id_idx" ON "profile_tag"("section_id", "profile_id");

-- CreateIndex
CREATE INDEX "tag_claim_section_id_profile_id_idx" ON "tag_claim"("section_id", "profile_id");

-- CreateIndex
CREATE INDEX "tag_change_section_id_profile_id_tag_id_id_idx" ON "tag_change"("section_id", "profile_id", "tag_id", "id");

-- CreateIndex
CREATE INDEX "tag_change_section_id_operation_id_id_idx" ON "tag_change"("section_id", "operation_id", "id");

-- CreateIndex
CREATE INDEX "operation_status_idx" ON "operation"("status");

-- CreateIndex
CREATE UNIQUE INDEX "import_section_id_operation_id_key" ON "import"("section_id", "operation_id");

-- CreateIndex
CREATE INDEX "import_reject_section_id_key_idx" ON "import_reject"("section_id", "key");

-- AddForeignKey
ALTER TABLE "section" ADD CONSTRAINT "section_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_user" ADD CONSTRAINT "app_user_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_section" ADD CONSTRAINT "user_section_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_section" ADD CONSTRAINT "user_section_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "keyspace" ADD CONSTRAINT "keyspace_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attribute" ADD CONSTRAINT "attribute_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag" ADD CONSTRAINT "tag_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag" ADD CONSTRAINT "tag_merged_into_fkey" FOREIGN KEY ("section_id", "merged_into") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "tag_permission" ADD CONSTRAINT "tag_permission_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_permission" ADD CONSTRAINT "tag_permission_keyspace_id_fkey" FOREIGN KEY ("keyspace_id") REFERENCES "keyspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile" ADD CONSTRAINT "profile_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_key" ADD CONSTRAINT "profile_key_section_id_profile_id_fkey" FOREIGN KEY ("section_id", "profile_id") REFERENCES "profile"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_key" ADD CONSTRAINT "profile_key_keyspace_id_fkey" FOREIGN KEY ("keyspace_id") REFERENCES "keyspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_change" ADD CONSTRAINT "profile_change_section_id_profile_id_fkey" FOREIGN KEY ("section_id", "profile_id") REFERENCES "profile"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_tag" ADD CONSTRAINT "profile_tag_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_tag" ADD CONSTRAINT "profile_tag_section_id_profile_id_fkey" FOREIGN KEY ("section_id", "profile_id") REFERENCES "profile"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "claim_holder" ADD CONSTRAINT "claim_holder_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_claim" ADD CONSTRAINT "tag_claim_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_claim" ADD CONSTRAINT "tag_claim_section_id_holder_id_fkey" FOREIGN KEY ("section_id", "holder_id") REFERENCES "claim_holder"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_change" ADD CONSTRAINT "tag_change_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_count" ADD CONSTRAINT "tag_count_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_day" ADD CONSTRAINT "tag_day_section_id_tag_id_fkey" FOREIGN KEY ("section_id", "tag_id") REFERENCES "tag"("section_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation" ADD CONSTRAINT "operation_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation" ADD CONSTRAINT "operation_undo_of_fkey" FOREIGN KEY ("section_id", "undo_of") REFERENCES "operation"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "import" ADD CONSTRAINT "import_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import" ADD CONSTRAINT "import_section_id_operation_id_fkey" FOREIGN KEY ("section_id", "operation_id") REFERENCES "operation"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "import_row" ADD CONSTRAINT "import_row_section_id_import_id_fkey" FOREIGN KEY ("section_id", "import_id") REFERENCES "import"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_reject" ADD CONSTRAINT "import_reject_section_id_import_id_fkey" FOREIGN KEY ("section_id", "import_id") REFERENCES "import"("section_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── What Prisma cannot express ─────────────────────────────────────────────────────────────────────────────────────

-- Keys are compared byte by byte whatever the server's locale, so that a prefix search can use the primary key.
alter table profile_key alter column key type text collate "C";

-- A hidden tag's (or attribute's) name may be taken again.
create unique index tag_visible_name on tag (section_id, name_key) where hidden_at is null;
create unique index attribute_visible_name on attribute (section_id, name_key) where hidden_at is null;

-- Search by the beginning of a name.
create index profile_firstname on profile (section_id, lower(attributes ->> 'firstname') text_pattern_ops);
create index profile_lastname on profile (section_id, lower(attributes ->> 'lastname') text_pattern_ops);

-- The counters are updated all the time: room on the page keeps those updates off the index.
alter table tag_count set (fillfactor = 50);
alter table tag_day set (fillfactor = 50);

alter table tag
  add constraint tag_name_length check (char_length(name) between 1 and 100),
  add constraint tag_name_trimmed check (name = btrim(name) and name_key <> ''),
  add constraint tag_name_printable check (name !~ '[[:cntrl:]]'),
  add constraint tag_merged_is_hidden check (merged_into is null or hidden_at is not null),
  add constraint tag_not_merged_into_itself check (merged_into is distinct from id);
alter table attribute
  add constraint attribute_name_length check (char_length(name) between 1 and 100),
  add constraint attribute_choices check (type = 'choice' or cardinality(choices) = 0);
alter table tag_change
  add constraint tag_change_action check (action in (-1, 1));
alter table profile_key
  add constraint profile_key_not_empty check (key <> '' and char_length(key) <= 320);
alter table profile
  add constraint profile_attributes_object check (jsonb_typeof(attributes) = 'object');
alter table installation
  add constraint installation_one_row check (id = 1);

create function tag_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if new.discriminator <> old.discriminator or new.section_id <> old.section_id or new.id <> old.id then
      raise exception 'a tag keeps its discriminator, section and id for good' using errcode = 'restrict_violation';
    end if;
    if old.hidden_at is not null and new.hidden_at is distinct from old.hidden_at then
      raise exception 'hiding a tag is for good' using errcode = 'restrict_violation';
    end if;
    if old.hidden_at is not null and new is distinct from old then
      raise exception 'a hidden tag cannot be changed' using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  raise exception 'a tag is never deleted, it is hidden' using errcode = 'restrict_violation';
end $$;

create trigger tag_guard before update or delete on tag for each row execute function tag_guard();
create trigger tag_guard_truncate before truncate on tag for each statement execute function tag_guard();

create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- The one change that the ledger allows: forgetting who it was, when a person is erased.
create function tag_change_guard() returns trigger language plpgsql as $$
begin
  if new.profile_id is null and to_jsonb(new) - 'profile_id' = to_jsonb(old) - 'profile_id' then
    return new;
  end if;
  raise exception 'tag_change is append-only' using errcode = 'restrict_violation';
end $$;

create trigger tag_change_update before update on tag_change for each row execute function tag_change_guard();
create trigger tag_change_delete before delete on tag_change for each row execute function append_only();
create trigger tag_change_truncate before truncate on tag_change for each statement execute function append_only();
create trigger audit_entry_append_only before update or delete on audit_entry for each row execute function append_only();
create trigger audit_entry_truncate before truncate on audit_entry for each statement execute function append_only();
