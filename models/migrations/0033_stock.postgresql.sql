CREATE TABLE "stock_move" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "station_id" INTEGER NOT NULL, "item_id" INTEGER NOT NULL, "day" DATE NOT NULL, "kind" VARCHAR(12) NOT NULL, "source" VARCHAR(10) NOT NULL, "change" INTEGER NOT NULL CHECK (change <> 0), "remains" INTEGER NOT NULL CHECK (remains >= 0), "redemption" BIGINT, "pool_grant" BIGINT, "note" VARCHAR(120) NOT NULL, "handler" VARCHAR(60) NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("item_id") REFERENCES "reward_item" ("id"));
CREATE INDEX "stock_move_station_id" ON "stock_move" ("station_id");
CREATE INDEX "stock_move_item_id" ON "stock_move" ("item_id");
CREATE INDEX "stock_move_station_id_id" ON "stock_move" ("station_id", "id");
CREATE INDEX "stock_move_item_id_id" ON "stock_move" ("item_id", "id");
