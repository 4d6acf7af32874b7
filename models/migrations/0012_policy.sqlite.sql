ALTER TABLE "policy_version" ADD COLUMN "edition" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "policy_version" ADD COLUMN "bounds" TEXT;
ALTER TABLE "policy_version" ADD COLUMN "released_by" INTEGER;
ALTER TABLE "policy_version" ADD COLUMN "released_at" DATETIME;
DROP INDEX "policy_version_topic_division_since";
CREATE UNIQUE INDEX "policy_version_topic_division_since_edition" ON "policy_version" ("topic", "division", "since", "edition");
