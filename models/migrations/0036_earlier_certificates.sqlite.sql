ALTER TABLE "certificate" ADD COLUMN "origin" VARCHAR(12) NOT NULL DEFAULT 'station';
ALTER TABLE "certificate" ADD COLUMN "paper_no" VARCHAR(30) NOT NULL DEFAULT '';
CREATE INDEX "certificate_paper_no" ON "certificate" ("paper_no");
