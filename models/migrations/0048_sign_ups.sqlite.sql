ALTER TABLE "volunteer" ADD COLUMN "origin" VARCHAR(8) NOT NULL DEFAULT 'desk';
ALTER TABLE "volunteer" ADD COLUMN "provisional" VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE "volunteer" ADD COLUMN "identified_on" DATE;
DROP INDEX "volunteer_document_index_document_type";
CREATE UNIQUE INDEX "volunteer_document_index_document_type_provisional" ON "volunteer" ("document_index", "document_type", "provisional");
CREATE TABLE "sign_up" ("id" INTEGER NOT NULL PRIMARY KEY, "volunteer_id" INTEGER NOT NULL, "number" VARCHAR(10) NOT NULL, "code_key" TEXT NOT NULL, "code" VARCHAR(64) NOT NULL, "post_id" INTEGER, "wish" VARCHAR(200) NOT NULL, "relation" VARCHAR(20) NOT NULL, "read" VARCHAR(60) NOT NULL, "sent_at" DATETIME NOT NULL, "times" INTEGER NOT NULL, FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"), FOREIGN KEY ("post_id") REFERENCES "post" ("id"));
CREATE UNIQUE INDEX "sign_up_volunteer_id" ON "sign_up" ("volunteer_id");
CREATE UNIQUE INDEX "sign_up_number" ON "sign_up" ("number");
CREATE INDEX "sign_up_post_id" ON "sign_up" ("post_id");
