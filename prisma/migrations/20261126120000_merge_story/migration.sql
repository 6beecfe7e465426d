-- Who merged a profile into another one, what it was called, which of its values were given up, and the tags that it brought.
ALTER TABLE "profile_merge" ADD COLUMN     "after" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "api_key_id" INTEGER,
ADD COLUMN     "before" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "name" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "tag_ids" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
ADD COLUMN     "user_id" INTEGER;
