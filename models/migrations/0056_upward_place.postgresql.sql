ALTER TABLE "upward_record" ADD COLUMN "accepted_for" BIGINT;
UPDATE "upward_record" SET "accepted_for" = "station_id" WHERE "accepted_digest" <> '';
