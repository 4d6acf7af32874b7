CREATE TABLE "backup" ("id" SERIAL NOT NULL PRIMARY KEY, "made_at" TIMESTAMP NOT NULL, "folder" VARCHAR(400) NOT NULL, "file" VARCHAR(200) NOT NULL, "why" VARCHAR(8) NOT NULL, "who" VARCHAR(60) NOT NULL, "bytes" BIGINT NOT NULL, "seconds" INTEGER NOT NULL, "good" BOOLEAN NOT NULL, "fault" TEXT NOT NULL, "removed_at" TIMESTAMP);
CREATE INDEX "backup_made_at" ON "backup" ("made_at");
INSERT INTO "setting" ("key", "value") SELECT 'clock_mark', '"' || to_char(MAX("at"), 'YYYY-MM-DD"T"HH24:MI:SS') || '"' FROM "trail" HAVING MAX("at") IS NOT NULL;
