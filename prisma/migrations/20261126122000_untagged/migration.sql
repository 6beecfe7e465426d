-- Which profiles of a large section have no tag, as of some moment: lib/tags/untagged.ts.
CREATE TABLE "untagged" (
    "section_id" INTEGER NOT NULL,
    "last_change" BIGINT NOT NULL,
    "last_profile" BIGINT NOT NULL,
    "hidden_tags" INTEGER[],
    "profiles" BIGINT[],
    "is_short" BOOLEAN NOT NULL,

    CONSTRAINT "untagged_pkey" PRIMARY KEY ("section_id")
);

select place_table('untagged', 'section');

ALTER TABLE "untagged" ADD CONSTRAINT "untagged_section_id_fkey" FOREIGN KEY ("section_id") REFERENCES "section"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
