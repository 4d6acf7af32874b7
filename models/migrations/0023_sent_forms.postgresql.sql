CREATE TABLE "sent_form" ("key" VARCHAR(60) NOT NULL PRIMARY KEY, "digest" VARCHAR(64) NOT NULL, "sent_at" TIMESTAMP NOT NULL, "leads_to" VARCHAR(500) NOT NULL);
CREATE INDEX "sent_form_sent_at" ON "sent_form" ("sent_at");
