ALTER TABLE "departure" ADD COLUMN "free_at" DATETIME;
ALTER TABLE "departure" ADD COLUMN "policy" VARCHAR(120) NOT NULL DEFAULT '';
UPDATE "departure" SET "free_at" = datetime("expires_at", '+15 days') WHERE "expires_at" IS NOT NULL;
ALTER TABLE "arriver" ADD COLUMN "backbone" VARCHAR(80) NOT NULL DEFAULT '';
