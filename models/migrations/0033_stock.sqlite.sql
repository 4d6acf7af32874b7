CREATE TABLE "stock_move" ("id" INTEGER NOT NULL PRIMARY KEY, "entered_by" INTEGER, "entered_at" DATETIME NOT NULL, "amended_by" INTEGER, "revision" INTEGER NOT NULL, "station_id" INTEGER NOT NULL, "item_id" INTEGER NOT NULL, "day" DATE NOT NULL, "kind" VARCHAR(12) NOT NULL, "source" VARCHAR(10) NOT NULL, "change" INTEGER NOT NULL CHECK (change <> 0), "remains" INTEGER NOT NULL CHECK (remains >= 0), "redemption" INTEGER, "pool_grant" INTEGER, "note" VARCHAR(120) NOT NULL, "handler" VARCHAR(60) NOT NULL, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("item_id") REFERENCES "reward_item" ("id"));
CREATE INDEX "stock_move_station_id" ON "stock_move" ("station_id");
CREATE INDEX "stock_move_item_id" ON "stock_move" ("item_id");
CREATE INDEX "stock_move_station_id_id" ON "stock_move" ("station_id", "id");
CREATE INDEX "stock_move_item_id_id" ON "stock_move" ("item_id", "id");
