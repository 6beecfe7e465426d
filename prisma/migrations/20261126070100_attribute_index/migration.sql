-- CreateEnum
CREATE TYPE "index_status" AS ENUM ('building', 'ready', 'failed');

-- CreateTable
CREATE TABLE "attribute_index" (
    "section_id" INTEGER NOT NULL,
    "attribute_id" INTEGER NOT NULL,
    "status" "index_status" NOT NULL,
    "problem" TEXT,
    "bytes" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" INTEGER,

    CONSTRAINT "attribute_index_pkey" PRIMARY KEY ("section_id","attribute_id")
);

-- AddForeignKey
ALTER TABLE "attribute_index" ADD CONSTRAINT "attribute_index_section_id_attribute_id_fkey" FOREIGN KEY ("section_id", "attribute_id") REFERENCES "attribute"("section_id", "id") ON DELETE RESTRICT ON UPDATE NO ACTION;
