ALTER TABLE "reward_item" ADD COLUMN "spec" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "stock_move" ADD COLUMN "stocktake" BIGINT;
ALTER TABLE "stock_move" ADD COLUMN "witness" VARCHAR(60) NOT NULL DEFAULT '';
CREATE TABLE "stock_count" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" TIMESTAMP, "station_id" INTEGER NOT NULL, "item_id" INTEGER NOT NULL, "counted_on" DATE NOT NULL, "counted" INTEGER NOT NULL, "book" INTEGER NOT NULL, "reason" VARCHAR(200) NOT NULL, "counter" VARCHAR(60) NOT NULL, "confirmed_by" VARCHAR(60) NOT NULL, "confirmed_on" DATE, "outcome" TEXT NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("item_id") REFERENCES "reward_item" ("id"));
CREATE INDEX "stock_count_station_id" ON "stock_count" ("station_id");
CREATE INDEX "stock_count_item_id" ON "stock_count" ("item_id");
CREATE INDEX "stock_count_station_id_state_id" ON "stock_count" ("station_id", "state", "id");
CREATE INDEX "stock_count_item_id_state" ON "stock_count" ("item_id", "state");
