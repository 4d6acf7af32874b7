CREATE TABLE "installation_key" ("id" SERIAL NOT NULL PRIMARY KEY, "kid" VARCHAR(43) NOT NULL, "use" VARCHAR(4) NOT NULL, "public" TEXT NOT NULL, "private" TEXT NOT NULL, "current" BOOLEAN NOT NULL, "made_at" TIMESTAMP NOT NULL, "retired_at" TIMESTAMP);
CREATE UNIQUE INDEX "installation_key_kid" ON "installation_key" ("kid");
CREATE TABLE "peer" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "state" VARCHAR(12) NOT NULL, "moved_at" TIMESTAMP, "card" TEXT NOT NULL, "name" VARCHAR(80) NOT NULL, "division" VARCHAR(12) NOT NULL, "url" VARCHAR(200) NOT NULL, "keys" TEXT NOT NULL, "kids" TEXT NOT NULL, "fingerprint" VARCHAR(60) NOT NULL, "compared_with" VARCHAR(80) NOT NULL, "confirmed_by" VARCHAR(60) NOT NULL, "confirmed_on" DATE, "outcome" TEXT NOT NULL);
CREATE INDEX "peer_division" ON "peer" ("division");
CREATE INDEX "peer_fingerprint" ON "peer" ("fingerprint");
