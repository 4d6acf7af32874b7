CREATE TABLE "header_mapping" ("id" SERIAL NOT NULL PRIMARY KEY, "station_id" INTEGER NOT NULL, "ledger" VARCHAR(30) NOT NULL, "header" VARCHAR(60) NOT NULL, "column_key" VARCHAR(40) NOT NULL, "said_by" VARCHAR(60) NOT NULL, "said_at" TIMESTAMP NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"));
CREATE INDEX "header_mapping_station_id" ON "header_mapping" ("station_id");
CREATE UNIQUE INDEX "header_mapping_station_id_ledger_header" ON "header_mapping" ("station_id", "ledger", "header");
