-- What people write about a profile, as plain text.
CREATE TABLE "profile_note" (
    "section_id" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "profile_id" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "edited_at" TIMESTAMPTZ(3),
    "user_id" INTEGER,

    CONSTRAINT "profile_note_pkey" PRIMARY KEY ("section_id","id")
);

select place_table('profile_note', 'section');

CREATE INDEX "profile_note_section_id_profile_id_at_id_idx" ON "profile_note"("section_id", "profile_id", "at", "id");

ALTER TABLE "profile_note" ADD CONSTRAINT "profile_note_section_id_profile_id_fkey" FOREIGN KEY ("section_id", "profile_id") REFERENCES "profile"("section_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;
