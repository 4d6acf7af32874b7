ALTER TABLE "project" ADD COLUMN "published_on" DATE;
UPDATE "project" SET "published_on" = (SELECT CAST(MAX("at") AS DATE) FROM "trail" WHERE "table_name" = 'project' AND "row_key" = CAST("project"."id" AS VARCHAR(40)) AND "action" = 'publish') WHERE "state" IN ('published', 'closed', 'cancelled');
