CREATE TABLE "photo" ("id" SERIAL NOT NULL PRIMARY KEY, "entered_by" BIGINT, "entered_at" TIMESTAMP NOT NULL, "amended_by" BIGINT, "revision" INTEGER NOT NULL, "station_id" INTEGER NOT NULL, "sheet_id" INTEGER NOT NULL, "number" INTEGER NOT NULL, "name" VARCHAR(80) NOT NULL, "width" INTEGER NOT NULL, "height" INTEGER NOT NULL, "size" INTEGER NOT NULL, "content" TEXT NOT NULL, "cleared_at" TIMESTAMP, FOREIGN KEY ("station_id") REFERENCES "station" ("id"), FOREIGN KEY ("sheet_id") REFERENCES "sign_in_sheet" ("id"));
CREATE INDEX "photo_station_id" ON "photo" ("station_id");
CREATE INDEX "photo_sheet_id" ON "photo" ("sheet_id");
CREATE UNIQUE INDEX "photo_sheet_id_number" ON "photo" ("sheet_id", "number");
CREATE INDEX "photo_station_id_entered_at" ON "photo" ("station_id", "entered_at");
CREATE TABLE "book_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "volunteer_id" INTEGER NOT NULL, "part" VARCHAR(8) NOT NULL, "number" INTEGER NOT NULL, "row" VARCHAR(24) NOT NULL, "printed_at" TIMESTAMP NOT NULL, "confirmed_by" BIGINT, FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"));
CREATE INDEX "book_line_volunteer_id" ON "book_line" ("volunteer_id");
CREATE UNIQUE INDEX "book_line_volunteer_id_part_number" ON "book_line" ("volunteer_id", "part", "number");
CREATE UNIQUE INDEX "book_line_volunteer_id_part_row" ON "book_line" ("volunteer_id", "part", "row");
