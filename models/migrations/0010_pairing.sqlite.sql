CREATE TABLE "paired_household" ("id" INTEGER NOT NULL PRIMARY KEY, "entered_by" INTEGER, "entered_at" DATETIME NOT NULL, "amended_by" INTEGER, "revision" INTEGER NOT NULL, "station_id" INTEGER NOT NULL, "pairing_id" INTEGER NOT NULL, "household_id" INTEGER NOT NULL, "since" DATE NOT NULL, "until" DATE, "note" VARCHAR(200) NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("pairing_id") REFERENCES "pairing" ("id"), FOREIGN KEY ("household_id") REFERENCES "household" ("id"));
CREATE INDEX "paired_household_station_id" ON "paired_household" ("station_id");
CREATE INDEX "paired_household_pairing_id" ON "paired_household" ("pairing_id");
CREATE INDEX "paired_household_household_id" ON "paired_household" ("household_id");
CREATE UNIQUE INDEX "paired_household_pairing_id_household_id_since" ON "paired_household" ("pairing_id", "household_id", "since");
