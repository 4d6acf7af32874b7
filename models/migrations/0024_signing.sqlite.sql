CREATE TABLE "installation_key" ("id" INTEGER NOT NULL PRIMARY KEY, "kid" VARCHAR(43) NOT NULL, "use" VARCHAR(4) NOT NULL, "public" TEXT NOT NULL, "private" TEXT NOT NULL, "current" INTEGER NOT NULL, "made_at" DATETIME NOT NULL, "retired_at" DATETIME);
CREATE UNIQUE INDEX "installation_key_kid" ON "installation_key" ("kid");
CREATE TABLE "peer" ("id" INTEGER NOT NULL PRIMARY KEY, "entered_by" INTEGER, "entered_at" DATETIME NOT NULL, "amended_by" INTEGER, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" DATETIME, "card" TEXT NOT NULL, "name" VARCHAR(80) NOT NULL, "division" VARCHAR(12) NOT NULL, "url" VARCHAR(200) NOT NULL, "keys" TEXT NOT NULL, "kids" TEXT NOT NULL, "fingerprint" VARCHAR(60) NOT NULL, "compared_with" VARCHAR(80) NOT NULL, "confirmed_by" VARCHAR(60) NOT NULL, "confirmed_on" DATE, "outcome" TEXT NOT NULL);
CREATE INDEX "peer_division" ON "peer" ("division");
CREATE INDEX "peer_fingerprint" ON "peer" ("fingerprint");
