-- Sizes of a segment before it was created, computed from the history of tags and events.
ALTER TABLE "segment_size" ADD COLUMN "computed" BOOLEAN NOT NULL DEFAULT false;
