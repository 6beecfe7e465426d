-- Profiles that an undo deleted, kept for thirty days so that a redo can create them again.
CREATE TABLE "undone_profile" (
    "section_id" INTEGER NOT NULL,
    "operation_id" INTEGER NOT NULL,
    "profile_id" BIGINT NOT NULL,
    "attributes" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "keyspace_ids" INTEGER[],
    "slots" INTEGER[],
    "keys" TEXT[],
    "history" JSONB[],
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "undone_profile_pkey" PRIMARY KEY ("section_id","operation_id","profile_id")
);

select place_table('undone_profile', 'section');

CREATE INDEX "undone_profile_section_id_profile_id_idx" ON "undone_profile"("section_id", "profile_id");

CREATE INDEX "undone_profile_keys_idx" ON "undone_profile" USING GIN ("keys");

ALTER TABLE "undone_profile" ADD CONSTRAINT "undone_profile_section_id_operation_id_fkey" FOREIGN KEY ("section_id", "operation_id") REFERENCES "operation"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;
