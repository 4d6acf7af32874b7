CREATE TABLE "backup" ("id" INTEGER NOT NULL PRIMARY KEY, "made_at" DATETIME NOT NULL, "folder" VARCHAR(400) NOT NULL, "file" VARCHAR(200) NOT NULL, "why" VARCHAR(8) NOT NULL, "who" VARCHAR(60) NOT NULL, "bytes" INTEGER NOT NULL, "seconds" INTEGER NOT NULL, "good" INTEGER NOT NULL, "fault" TEXT NOT NULL, "removed_at" DATETIME);
CREATE INDEX "backup_made_at" ON "backup" ("made_at");
INSERT INTO "setting" ("key", "value") SELECT 'clock_mark', '"' || strftime('%Y-%m-%dT%H:%M:%S', MAX("at")) || '"' FROM "trail" HAVING MAX("at") IS NOT NULL;
