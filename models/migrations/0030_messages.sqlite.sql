CREATE TABLE "message" ("id" INTEGER NOT NULL PRIMARY KEY, "account" INTEGER NOT NULL, "event" VARCHAR(8) NOT NULL, "about" VARCHAR(30) NOT NULL, "row" INTEGER NOT NULL, "move" VARCHAR(20) NOT NULL, "at" DATETIME NOT NULL, "seen_at" DATETIME);
CREATE INDEX "message_account" ON "message" ("account");
CREATE INDEX "message_account_seen_at" ON "message" ("account", "seen_at");
CREATE TABLE "webhook" ("id" INTEGER NOT NULL PRIMARY KEY, "entered_by" INTEGER, "entered_at" DATETIME NOT NULL, "amended_by" INTEGER, "revision" INTEGER NOT NULL, "station_id" INTEGER, "division_id" VARCHAR(12), "name" VARCHAR(40) NOT NULL, "kind" VARCHAR(10) NOT NULL, "url" TEXT NOT NULL, "secret" TEXT NOT NULL, "whose" VARCHAR(10) NOT NULL, "every_minutes" INTEGER NOT NULL, "first" TIME NOT NULL, "last" TIME NOT NULL, "active" INTEGER NOT NULL, "told" TEXT, "told_at" DATETIME, "looked_at" DATETIME, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("division_id") REFERENCES "division" ("code"));
CREATE INDEX "webhook_station_id" ON "webhook" ("station_id");
CREATE INDEX "webhook_division_id" ON "webhook" ("division_id");
CREATE TABLE "delivery" ("id" INTEGER NOT NULL PRIMARY KEY, "webhook_id" INTEGER NOT NULL, "says" TEXT NOT NULL, "made_at" DATETIME NOT NULL, "state" VARCHAR(10) NOT NULL, "tries" INTEGER NOT NULL, "next_at" DATETIME, "fault" VARCHAR(200) NOT NULL, "ended_at" DATETIME, FOREIGN KEY ("webhook_id") REFERENCES "webhook" ("id") ON DELETE CASCADE);
CREATE INDEX "delivery_webhook_id" ON "delivery" ("webhook_id");
CREATE INDEX "delivery_state_next_at" ON "delivery" ("state", "next_at");
