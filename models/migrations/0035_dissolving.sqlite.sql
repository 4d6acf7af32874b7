CREATE TABLE "dissolution" ("id" INTEGER NOT NULL PRIMARY KEY, "entered_by" INTEGER, "entered_at" DATETIME NOT NULL, "amended_by" INTEGER, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" DATETIME, "station_id" INTEGER NOT NULL, "successor_id" INTEGER NOT NULL, "reason" VARCHAR(200) NOT NULL, "document" VARCHAR(100) NOT NULL, "people" INTEGER NOT NULL, "moved" INTEGER NOT NULL, "ended_at" DATETIME, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("successor_id") REFERENCES "station" ("id"));
CREATE INDEX "dissolution_station_id" ON "dissolution" ("station_id");
CREATE INDEX "dissolution_successor_id" ON "dissolution" ("successor_id");
CREATE INDEX "dissolution_station_id_state" ON "dissolution" ("station_id", "state");
