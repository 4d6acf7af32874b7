CREATE TABLE "policy_draft" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" TIMESTAMP, "topic" VARCHAR(20) NOT NULL, "division" VARCHAR(12) NOT NULL, "since" DATE NOT NULL, "source" VARCHAR(200) NOT NULL, "values" TEXT NOT NULL, "bounds" TEXT NOT NULL, "note" TEXT NOT NULL, "released_id" INTEGER, "authors" TEXT NOT NULL, FOREIGN KEY ("released_id") REFERENCES "policy_version" ("id"));
CREATE INDEX "policy_draft_released_id" ON "policy_draft" ("released_id");
CREATE INDEX "policy_draft_division_state" ON "policy_draft" ("division", "state");
CREATE INDEX "policy_draft_topic_division" ON "policy_draft" ("topic", "division");
