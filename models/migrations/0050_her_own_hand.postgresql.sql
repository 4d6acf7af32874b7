CREATE TABLE "first_code" ("volunteer_id" INTEGER NOT NULL PRIMARY KEY, "digest" VARCHAR(40) NOT NULL, "made_by" BIGINT, "made_at" TIMESTAMP NOT NULL, "until" TIMESTAMP NOT NULL, "used_at" TIMESTAMP, FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"));
ALTER TABLE "application" ADD COLUMN "by_herself" BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE "assignment" ADD COLUMN "by_herself" BOOLEAN NOT NULL DEFAULT FALSE;
