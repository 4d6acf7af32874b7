ALTER TABLE "project" ADD COLUMN "published_on" DATE;
UPDATE "project" SET "published_on" = (SELECT substr(MAX("at"), 1, 10) FROM "trail" WHERE "table_name" = 'project' AND "row_key" = CAST("project"."id" AS VARCHAR(40)) AND "action" = 'publish') WHERE "state" IN ('published', 'closed', 'cancelled');
