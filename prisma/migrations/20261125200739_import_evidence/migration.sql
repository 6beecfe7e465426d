-- AlterTable
ALTER TABLE "import" ADD COLUMN     "evidence" JSONB;

-- CreateTable
CREATE TABLE "import_left_out" (
    "section_id" INTEGER NOT NULL,
    "import_id" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "reasons" TEXT[],
    "key" TEXT,

    CONSTRAINT "import_left_out_pkey" PRIMARY KEY ("section_id","import_id","row")
);

-- CreateIndex
CREATE INDEX "import_left_out_section_id_key_idx" ON "import_left_out"("section_id", "key");

-- AddForeignKey
ALTER TABLE "import_left_out" ADD CONSTRAINT "import_left_out_section_id_import_id_fkey" FOREIGN KEY ("section_id", "import_id") REFERENCES "import"("section_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- Uploads that wait are read once more, for what their columns tell.
UPDATE "import" SET "checked" = false WHERE "status" = 'mapping' AND "error" IS NULL AND "operation_id" IS NULL;
