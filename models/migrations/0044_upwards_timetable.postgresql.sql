ALTER TABLE "upward_link" ADD COLUMN "every" VARCHAR(6) NOT NULL DEFAULT 'never';
ALTER TABLE "upward_link" ADD COLUMN "weekday" VARCHAR(1) NOT NULL DEFAULT '1';
ALTER TABLE "upward_link" ADD COLUMN "hour" VARCHAR(2) NOT NULL DEFAULT '12';
ALTER TABLE "upward_link" ADD COLUMN "done_for" TIMESTAMP;
ALTER TABLE "upward_link" ADD COLUMN "fault" VARCHAR(300) NOT NULL DEFAULT '';
ALTER TABLE "upward_batch" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "upward_batch" ADD COLUMN "next_at" TIMESTAMP;
CREATE INDEX "upward_batch_next_at" ON "upward_batch" ("next_at");
ALTER TABLE "received_record" ADD COLUMN "deleted_at" TIMESTAMP;
