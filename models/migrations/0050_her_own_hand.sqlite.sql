CREATE TABLE "first_code" ("volunteer_id" INTEGER NOT NULL PRIMARY KEY, "digest" VARCHAR(40) NOT NULL, "made_by" INTEGER, "made_at" DATETIME NOT NULL, "until" DATETIME NOT NULL, "used_at" DATETIME, FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"));
ALTER TABLE "application" ADD COLUMN "by_herself" INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE "assignment" ADD COLUMN "by_herself" INTEGER NOT NULL DEFAULT FALSE;
