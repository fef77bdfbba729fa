-- Lists that village heads hand in, and the rows of them that may become requests.

CREATE TABLE "batches" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "number" BIGINT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "village_code" VARCHAR(16) NOT NULL,
    "state" VARCHAR(10) NOT NULL DEFAULT 'received',
    "good" INT NOT NULL DEFAULT 0,
    "look" INT NOT NULL DEFAULT 0,
    "refused" INT NOT NULL DEFAULT 0,
    "received_at" TIMESTAMP NOT NULL,
    "checked_at" TIMESTAMP,
    "decided_at" TIMESTAMP,
    "ended_at" TIMESTAMP,
    "forgotten_at" TIMESTAMP,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    "file_id" BIGINT NOT NULL REFERENCES "files" ("id") ON DELETE RESTRICT,
    "report_id" BIGINT REFERENCES "files" ("id") ON DELETE RESTRICT,
    CONSTRAINT "batches_number" UNIQUE ("office_id", "number")
);
CREATE INDEX "batches_contact" ON "batches" ("contact_id");
CREATE INDEX "batches_state" ON "batches" ("office_id", "state");
CREATE TABLE "batch_rows" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "place" INT NOT NULL,
    "service" VARCHAR(40) NOT NULL,
    "outcome" VARCHAR(8) NOT NULL,
    "name" TEXT,
    "nik" TEXT,
    "batch_id" BIGINT NOT NULL REFERENCES "batches" ("id") ON DELETE RESTRICT,
    "request_id" BIGINT REFERENCES "requests" ("id") ON DELETE RESTRICT,
    CONSTRAINT "batch_rows_place" UNIQUE ("batch_id", "place")
);
CREATE INDEX "batch_rows_request" ON "batch_rows" ("request_id");
