CREATE TABLE "answer_sent" ("id" INTEGER NOT NULL PRIMARY KEY, "arrival_id" INTEGER NOT NULL, "tries" INTEGER NOT NULL, "next_at" DATETIME, "sent_at" DATETIME, "fault" VARCHAR(200) NOT NULL, FOREIGN KEY ("arrival_id") REFERENCES "arrival" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "answer_sent_arrival_id" ON "answer_sent" ("arrival_id");
CREATE INDEX "answer_sent_next_at" ON "answer_sent" ("next_at");
