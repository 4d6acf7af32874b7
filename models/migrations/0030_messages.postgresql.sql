CREATE TABLE "message" ("id" SERIAL NOT NULL PRIMARY KEY, "account" INTEGER NOT NULL, "event" VARCHAR(8) NOT NULL, "about" VARCHAR(30) NOT NULL, "row" INTEGER NOT NULL, "move" VARCHAR(20) NOT NULL, "at" TIMESTAMP NOT NULL, "seen_at" TIMESTAMP);
CREATE INDEX "message_account" ON "message" ("account");
CREATE INDEX "message_account_seen_at" ON "message" ("account", "seen_at");
CREATE TABLE "webhook" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "station_id" INTEGER, "division_id" VARCHAR(12), "name" VARCHAR(40) NOT NULL, "kind" VARCHAR(10) NOT NULL, "url" TEXT NOT NULL, "secret" TEXT NOT NULL, "whose" VARCHAR(10) NOT NULL, "every_minutes" INTEGER NOT NULL, "first" TIME NOT NULL, "last" TIME NOT NULL, "active" BOOLEAN NOT NULL, "told" TEXT, "told_at" TIMESTAMP, "looked_at" TIMESTAMP, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("division_id") REFERENCES "division" ("code"));
CREATE INDEX "webhook_station_id" ON "webhook" ("station_id");
CREATE INDEX "webhook_division_id" ON "webhook" ("division_id");
CREATE TABLE "delivery" ("id" SERIAL NOT NULL PRIMARY KEY, "webhook_id" INTEGER NOT NULL, "says" TEXT NOT NULL, "made_at" TIMESTAMP NOT NULL, "state" VARCHAR(10) NOT NULL, "tries" INTEGER NOT NULL, "next_at" TIMESTAMP, "fault" VARCHAR(200) NOT NULL, "ended_at" TIMESTAMP, FOREIGN KEY ("webhook_id") REFERENCES "webhook" ("id") ON DELETE CASCADE);
CREATE INDEX "delivery_webhook_id" ON "delivery" ("webhook_id");
CREATE INDEX "delivery_state_next_at" ON "delivery" ("state", "next_at");
