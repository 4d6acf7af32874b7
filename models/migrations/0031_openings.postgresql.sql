CREATE TABLE "opening" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" TIMESTAMP, "station_id" INTEGER NOT NULL, "volunteer_id" INTEGER NOT NULL, "honour_minutes" INTEGER NOT NULL CHECK (honour_minutes > 0), "exchangeable_minutes" INTEGER NOT NULL CHECK (exchangeable_minutes >= 0), "earned_on" DATE NOT NULL, "until" DATE NOT NULL, "source" VARCHAR(60) NOT NULL, "evidence" VARCHAR(120) NOT NULL, "outcome" TEXT NOT NULL, "checked_by" VARCHAR(60) NOT NULL, "posted_on" DATE, "disputed_by" BIGINT, "policy" VARCHAR(60) NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"));
CREATE INDEX "opening_station_id" ON "opening" ("station_id");
CREATE INDEX "opening_volunteer_id" ON "opening" ("volunteer_id");
CREATE INDEX "opening_station_id_state_id" ON "opening" ("station_id", "state", "id");
CREATE INDEX "opening_volunteer_id_source" ON "opening" ("volunteer_id", "source");
ALTER TABLE "star_grant" ADD COLUMN "origin" VARCHAR(12) NOT NULL DEFAULT 'account';
ALTER TABLE "star_grant" ADD COLUMN "proof" TEXT NOT NULL DEFAULT '';
