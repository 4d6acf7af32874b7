ALTER TABLE "service_record" ADD COLUMN "format_policy" VARCHAR(120);
ALTER TABLE "assignment" ADD COLUMN "companion" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "correction" ADD COLUMN "foreseen" TEXT;
ALTER TABLE "correction" ADD COLUMN "told_how" VARCHAR(12);
ALTER TABLE "correction" ADD COLUMN "told_on" DATE;
ALTER TABLE "correction" ADD COLUMN "reported_how" VARCHAR(12);
ALTER TABLE "correction" ADD COLUMN "reported_on" DATE;
ALTER TABLE "correction" ADD COLUMN "outcome" VARCHAR(12);
