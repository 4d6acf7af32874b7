CREATE TABLE "division" (
    "code" VARCHAR(12) NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "name" VARCHAR(60) NOT NULL,
    "level" VARCHAR(10) NOT NULL,
    "parent_id" VARCHAR(12),
    "active" INTEGER NOT NULL,
    FOREIGN KEY ("parent_id") REFERENCES "division" ("code")
);
CREATE INDEX "division_name" ON "division" ("name");
CREATE INDEX "division_level" ON "division" ("level");
CREATE INDEX "division_parent_id" ON "division" ("parent_id");
CREATE TABLE "station" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "division_id" VARCHAR(12) NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "head_name" VARCHAR(40) NOT NULL,
    "contact_name" VARCHAR(40) NOT NULL,
    "address" VARCHAR(120) NOT NULL,
    "phone" VARCHAR(20) NOT NULL,
    "opening" VARCHAR(80) NOT NULL,
    "opened_on" DATE,
    "active" INTEGER NOT NULL,
    "next_card" INTEGER NOT NULL,
    FOREIGN KEY ("division_id") REFERENCES "division" ("code")
);
CREATE INDEX "station_division_id" ON "station" ("division_id");
CREATE INDEX "station_name" ON "station" ("name");
CREATE TABLE "account" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "username" VARCHAR(40) NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "role" VARCHAR(12) NOT NULL,
    "station_id" INTEGER,
    "division_id" VARCHAR(12),
    "volunteer" INTEGER,
    "active" INTEGER NOT NULL,
    "password" VARCHAR(200) NOT NULL,
    "session_stamp" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "locked_until" DATETIME,
    "signed_in_at" DATETIME,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("division_id") REFERENCES "division" ("code")
);
CREATE UNIQUE INDEX "account_username" ON "account" ("username");
CREATE INDEX "account_station_id" ON "account" ("station_id");
CREATE INDEX "account_division_id" ON "account" ("division_id");
CREATE UNIQUE INDEX "account_volunteer" ON "account" ("volunteer");
CREATE TABLE "project" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "category" VARCHAR(8) NOT NULL,
    "recipients" TEXT NOT NULL,
    "starts_on" DATE NOT NULL,
    "ends_on" DATE NOT NULL,
    "place" VARCHAR(120) NOT NULL,
    "headcount" INTEGER NOT NULL,
    "posts" TEXT NOT NULL,
    "conditions" TEXT NOT NULL,
    "risks" TEXT NOT NULL,
    "guarantees" TEXT NOT NULL,
    "details" TEXT NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id")
);
CREATE INDEX "project_station_id" ON "project" ("station_id");
CREATE INDEX "project_name" ON "project" ("name");
CREATE INDEX "project_station_id_state_id" ON "project" ("station_id", "state", "id");
CREATE TABLE "activity" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "project_id" INTEGER NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "day" DATE NOT NULL,
    "starts_at" TIME,
    "ends_at" TIME,
    "place" VARCHAR(120) NOT NULL,
    "lead" VARCHAR(40) NOT NULL,
    "social_worker" VARCHAR(40) NOT NULL,
    "headcount" INTEGER,
    "content" TEXT NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("project_id") REFERENCES "project" ("id")
);
CREATE INDEX "activity_station_id" ON "activity" ("station_id");
CREATE INDEX "activity_project_id" ON "activity" ("project_id");
CREATE INDEX "activity_name" ON "activity" ("name");
CREATE INDEX "activity_station_id_day" ON "activity" ("station_id", "day");
CREATE INDEX "activity_station_id_state_id" ON "activity" ("station_id", "state", "id");
CREATE TABLE "volunteer" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "card_no" VARCHAR(20),
    "name" VARCHAR(50) NOT NULL,
    "document_type" VARCHAR(20) NOT NULL,
    "document_number" TEXT NOT NULL,
    "document_index" VARCHAR(40) NOT NULL,
    "gender" VARCHAR(1) NOT NULL,
    "birth_date" DATE NOT NULL,
    "phone" TEXT NOT NULL,
    "residence_id" VARCHAR(12),
    "address" TEXT,
    "ethnicity" VARCHAR(8) NOT NULL,
    "politics" VARCHAR(8) NOT NULL,
    "education" VARCHAR(8) NOT NULL,
    "occupation" VARCHAR(8) NOT NULL,
    "skills" TEXT NOT NULL,
    "speciality" VARCHAR(100) NOT NULL,
    "categories" TEXT NOT NULL,
    "service_times" TEXT NOT NULL,
    "national_no" VARCHAR(30) NOT NULL,
    "guardian_name" VARCHAR(50) NOT NULL,
    "guardian_phone" TEXT,
    "consent_on" DATE,
    "registered_on" DATE,
    "refused_for" TEXT NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("residence_id") REFERENCES "division" ("code")
);
CREATE INDEX "volunteer_station_id" ON "volunteer" ("station_id");
CREATE UNIQUE INDEX "volunteer_card_no" ON "volunteer" ("card_no");
CREATE INDEX "volunteer_residence_id" ON "volunteer" ("residence_id");
CREATE UNIQUE INDEX "volunteer_document_index_document_type" ON "volunteer" ("document_index", "document_type");
CREATE INDEX "volunteer_station_id_name" ON "volunteer" ("station_id", "name");
CREATE INDEX "volunteer_station_id_state_id" ON "volunteer" ("station_id", "state", "id");
CREATE INDEX "volunteer_name_card_no" ON "volunteer" ("name", "card_no");
CREATE TABLE "balance" (
    "volunteer_id" INTEGER NOT NULL PRIMARY KEY,
    "honour" INTEGER NOT NULL CHECK (honour >= 0),
    "exchangeable" INTEGER NOT NULL CHECK (exchangeable >= 0),
    "debt" INTEGER NOT NULL CHECK (debt >= 0),
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id")
);
CREATE TABLE "chain" (
    "station_id" INTEGER NOT NULL PRIMARY KEY,
    "seq" INTEGER NOT NULL,
    "hash" VARCHAR(64) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id")
);
CREATE TABLE "claim" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "volunteer_id" INTEGER NOT NULL,
    "from_station_id" INTEGER NOT NULL,
    "to_station_id" INTEGER NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "decided_at" DATETIME,
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"),
    FOREIGN KEY ("from_station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("to_station_id") REFERENCES "station" ("id")
);
CREATE INDEX "claim_volunteer_id" ON "claim" ("volunteer_id");
CREATE INDEX "claim_from_station_id" ON "claim" ("from_station_id");
CREATE INDEX "claim_to_station_id" ON "claim" ("to_station_id");
CREATE TABLE "sign_in_sheet" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "station_id" INTEGER NOT NULL,
    "activity_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "note" VARCHAR(200) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("activity_id") REFERENCES "activity" ("id")
);
CREATE INDEX "sign_in_sheet_station_id" ON "sign_in_sheet" ("station_id");
CREATE INDEX "sign_in_sheet_activity_id" ON "sign_in_sheet" ("activity_id");
CREATE INDEX "sign_in_sheet_station_id_id" ON "sign_in_sheet" ("station_id", "id");
CREATE UNIQUE INDEX "sign_in_sheet_activity_id_number" ON "sign_in_sheet" ("activity_id", "number");
CREATE TABLE "notice" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "title" VARCHAR(120) NOT NULL,
    "opens_on" DATE NOT NULL,
    "closes_on" DATE NOT NULL,
    "working_days" INTEGER NOT NULL,
    "policy" VARCHAR(60) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id")
);
CREATE INDEX "notice_station_id" ON "notice" ("station_id");
CREATE INDEX "notice_closes_on" ON "notice" ("closes_on");
CREATE INDEX "notice_station_id_state_closes_on" ON "notice" ("station_id", "state", "closes_on");
CREATE TABLE "service_record" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "volunteer_id" INTEGER NOT NULL,
    "activity_id" INTEGER NOT NULL,
    "sheet_id" INTEGER,
    "started_at" DATETIME NOT NULL,
    "ended_at" DATETIME NOT NULL,
    "travel_minutes" INTEGER NOT NULL,
    "minutes" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "quality" VARCHAR(8) NOT NULL,
    "remark" VARCHAR(200) NOT NULL,
    "origin" VARCHAR(12) NOT NULL,
    "backfilled" INTEGER NOT NULL,
    "notice_id" INTEGER,
    "policy" VARCHAR(60) NOT NULL,
    "returned_for" TEXT NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"),
    FOREIGN KEY ("activity_id") REFERENCES "activity" ("id"),
    FOREIGN KEY ("sheet_id") REFERENCES "sign_in_sheet" ("id"),
    FOREIGN KEY ("notice_id") REFERENCES "notice" ("id")
);
CREATE INDEX "service_record_station_id" ON "service_record" ("station_id");
CREATE INDEX "service_record_volunteer_id" ON "service_record" ("volunteer_id");
CREATE INDEX "service_record_activity_id" ON "service_record" ("activity_id");
CREATE INDEX "service_record_sheet_id" ON "service_record" ("sheet_id");
CREATE INDEX "service_record_notice_id" ON "service_record" ("notice_id");
CREATE INDEX "service_record_volunteer_id_started_at" ON "service_record" ("volunteer_id", "started_at");
CREATE INDEX "service_record_station_id_id" ON "service_record" ("station_id", "id");
CREATE INDEX "service_record_station_id_state_id" ON "service_record" ("station_id", "state", "id");
CREATE INDEX "service_record_station_id_started_at" ON "service_record" ("station_id", "started_at");
CREATE INDEX "service_record_started_at" ON "service_record" ("started_at");
CREATE INDEX "service_record_state_id" ON "service_record" ("state", "id");
CREATE TABLE "correction" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "record_id" INTEGER NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("record_id") REFERENCES "service_record" ("id")
);
CREATE INDEX "correction_station_id" ON "correction" ("station_id");
CREATE INDEX "correction_record_id" ON "correction" ("record_id");
CREATE TABLE "lot" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "volunteer_id" INTEGER NOT NULL,
    "origin" VARCHAR(12) NOT NULL,
    "earned_on" DATE NOT NULL,
    "expires_on" DATE,
    "minutes" INTEGER NOT NULL,
    "left_minutes" INTEGER NOT NULL CHECK (left_minutes >= 0),
    "record" INTEGER,
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id")
);
CREATE INDEX "lot_volunteer_id" ON "lot" ("volunteer_id");
CREATE INDEX "lot_record" ON "lot" ("record");
CREATE INDEX "lot_volunteer_id_earned_on_id" ON "lot" ("volunteer_id", "earned_on", "id");
CREATE TABLE "entry" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "station_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "key" VARCHAR(60) NOT NULL,
    "at" DATETIME NOT NULL,
    "day" DATE NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "origin" VARCHAR(12) NOT NULL,
    "debit" VARCHAR(12) NOT NULL,
    "credit" VARCHAR(12) NOT NULL,
    "volunteer_id" INTEGER NOT NULL,
    "lot_id" INTEGER,
    "minutes" INTEGER NOT NULL CHECK (minutes > 0),
    "record" INTEGER,
    "redemption" INTEGER,
    "reverses_id" INTEGER,
    "asked_by" INTEGER,
    "approved_by" INTEGER,
    "reason" TEXT NOT NULL,
    "policy" VARCHAR(60) NOT NULL,
    "previous" VARCHAR(64) NOT NULL,
    "hash" VARCHAR(64) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"),
    FOREIGN KEY ("lot_id") REFERENCES "lot" ("id"),
    FOREIGN KEY ("reverses_id") REFERENCES "entry" ("id")
);
CREATE INDEX "entry_station_id" ON "entry" ("station_id");
CREATE UNIQUE INDEX "entry_key" ON "entry" ("key");
CREATE INDEX "entry_volunteer_id" ON "entry" ("volunteer_id");
CREATE INDEX "entry_lot_id" ON "entry" ("lot_id");
CREATE INDEX "entry_record" ON "entry" ("record");
CREATE INDEX "entry_redemption" ON "entry" ("redemption");
CREATE INDEX "entry_reverses_id" ON "entry" ("reverses_id");
CREATE UNIQUE INDEX "entry_station_id_seq" ON "entry" ("station_id", "seq");
CREATE INDEX "entry_station_id_id" ON "entry" ("station_id", "id");
CREATE INDEX "entry_volunteer_id_id" ON "entry" ("volunteer_id", "id");
CREATE TABLE "holiday" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "division" VARCHAR(12) NOT NULL,
    "day" DATE NOT NULL,
    "working" INTEGER NOT NULL,
    "name" VARCHAR(40) NOT NULL
);
CREATE UNIQUE INDEX "holiday_division_day" ON "holiday" ("division", "day");
CREATE TABLE "job" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "kind" VARCHAR(30) NOT NULL,
    "title" VARCHAR(120) NOT NULL,
    "params" TEXT NOT NULL,
    "asked_by" INTEGER,
    "asked_at" DATETIME NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "done" INTEGER NOT NULL,
    "total" INTEGER NOT NULL,
    "cancel" INTEGER NOT NULL,
    "message" TEXT NOT NULL,
    "result" TEXT,
    "file_name" VARCHAR(200) NOT NULL,
    "ended_at" DATETIME
);
CREATE INDEX "job_asked_by" ON "job" ("asked_by");
CREATE TABLE "objection" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "notice_id" INTEGER NOT NULL,
    "record" INTEGER NOT NULL,
    "said_by" VARCHAR(40) NOT NULL,
    "contact" TEXT NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "outcome" TEXT NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("notice_id") REFERENCES "notice" ("id")
);
CREATE INDEX "objection_station_id" ON "objection" ("station_id");
CREATE INDEX "objection_notice_id" ON "objection" ("notice_id");
CREATE TABLE "policy_version" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "topic" VARCHAR(20) NOT NULL,
    "division" VARCHAR(12) NOT NULL,
    "since" DATE NOT NULL,
    "source" VARCHAR(200) NOT NULL,
    "values" TEXT NOT NULL
);
CREATE UNIQUE INDEX "policy_version_topic_division_since" ON "policy_version" ("topic", "division", "since");
CREATE TABLE "reward_item" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "station_id" INTEGER NOT NULL,
    "name" VARCHAR(60) NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "points" INTEGER NOT NULL,
    "stock" INTEGER CHECK (stock >= 0),
    "yearly_limit" INTEGER,
    "starts_on" DATE,
    "ends_on" DATE,
    "details" TEXT NOT NULL,
    "active" INTEGER NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id")
);
CREATE INDEX "reward_item_station_id" ON "reward_item" ("station_id");
CREATE TABLE "redemption" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "key" VARCHAR(40) NOT NULL,
    "volunteer_id" INTEGER NOT NULL,
    "item_id" INTEGER NOT NULL,
    "quantity" INTEGER NOT NULL,
    "points" INTEGER NOT NULL,
    "minutes" INTEGER NOT NULL,
    "left_minutes" INTEGER NOT NULL,
    "reserved_on" DATE NOT NULL,
    "handed_at" DATETIME,
    "confirmed_at" DATETIME,
    "handler" VARCHAR(60) NOT NULL,
    "why" TEXT NOT NULL,
    "policy" VARCHAR(60) NOT NULL,
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id"),
    FOREIGN KEY ("item_id") REFERENCES "reward_item" ("id")
);
CREATE INDEX "redemption_station_id" ON "redemption" ("station_id");
CREATE UNIQUE INDEX "redemption_key" ON "redemption" ("key");
CREATE INDEX "redemption_volunteer_id" ON "redemption" ("volunteer_id");
CREATE INDEX "redemption_item_id" ON "redemption" ("item_id");
CREATE INDEX "redemption_station_id_state_id" ON "redemption" ("station_id", "state", "id");
CREATE INDEX "redemption_volunteer_id_reserved_on" ON "redemption" ("volunteer_id", "reserved_on");
CREATE TABLE "setting" (
    "key" VARCHAR(40) NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);
CREATE TABLE "star_grant" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "station_id" INTEGER NOT NULL,
    "volunteer_id" INTEGER NOT NULL,
    "star" INTEGER NOT NULL,
    "honour_minutes" INTEGER NOT NULL,
    "why" TEXT NOT NULL,
    "policy" VARCHAR(60) NOT NULL,
    "recognised_by" VARCHAR(12) NOT NULL,
    "proposed_on" DATE,
    "recognised_on" DATE,
    "recogniser" VARCHAR(60) NOT NULL,
    "certificate_no" VARCHAR(30),
    FOREIGN KEY ("station_id") REFERENCES "station" ("id"),
    FOREIGN KEY ("volunteer_id") REFERENCES "volunteer" ("id")
);
CREATE INDEX "star_grant_station_id" ON "star_grant" ("station_id");
CREATE INDEX "star_grant_volunteer_id" ON "star_grant" ("volunteer_id");
CREATE UNIQUE INDEX "star_grant_certificate_no" ON "star_grant" ("certificate_no");
CREATE UNIQUE INDEX "star_grant_volunteer_id_star" ON "star_grant" ("volunteer_id", "star");
CREATE INDEX "star_grant_station_id_state_id" ON "star_grant" ("station_id", "state", "id");
CREATE TABLE "term" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "entered_by" INTEGER,
    "entered_at" DATETIME NOT NULL,
    "amended_by" INTEGER,
    "revision" INTEGER NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "code" VARCHAR(8) NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "national_code" VARCHAR(40) NOT NULL,
    "position" INTEGER NOT NULL,
    "sensitive" INTEGER NOT NULL,
    "active" INTEGER NOT NULL
);
CREATE UNIQUE INDEX "term_kind_code" ON "term" ("kind", "code");
CREATE INDEX "term_kind_position" ON "term" ("kind", "position");
CREATE TABLE "trail" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "account" INTEGER,
    "who" VARCHAR(60) NOT NULL,
    "role" VARCHAR(12) NOT NULL,
    "station" INTEGER,
    "division" VARCHAR(12),
    "table_name" VARCHAR(40) NOT NULL,
    "row_key" VARCHAR(40) NOT NULL,
    "action" VARCHAR(40) NOT NULL,
    "reason" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT
);
CREATE INDEX "trail_at" ON "trail" ("at");
CREATE INDEX "trail_account" ON "trail" ("account");
CREATE INDEX "trail_station" ON "trail" ("station");
CREATE INDEX "trail_table_name_row_key_id" ON "trail" ("table_name", "row_key", "id");
