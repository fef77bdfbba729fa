CREATE TABLE "contacts" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "language" VARCHAR(8) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
CREATE TABLE "addresses" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "value" VARCHAR(160) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_addresses_channel_435b5b" UNIQUE ("channel", "account", "kind", "value")
);
CREATE TABLE "conversations" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "window_expires_at" TIMESTAMPTZ,
    "last_heard_at" TIMESTAMPTZ,
    "unreachable_at" TIMESTAMPTZ,
    "choices" TEXT NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_conversatio_contact_7efca8" UNIQUE ("contact_id", "channel", "account")
);
CREATE TABLE "inbox" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "external_id" VARCHAR(255) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "body" TEXT NOT NULL,
    "sent_at" TIMESTAMPTZ,
    "received_at" TIMESTAMPTZ NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "tries" INT NOT NULL,
    "error" VARCHAR(64),
    "done_at" TIMESTAMPTZ,
    "contact_id" BIGINT REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_inbox_channel_cde83b" UNIQUE ("channel", "account", "external_id")
);
CREATE TABLE "files" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "file_id" VARCHAR(64) NOT NULL UNIQUE,
    "position" INT NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "problem" VARCHAR(32),
    "storage_key" VARCHAR(160),
    "mime" VARCHAR(100) NOT NULL,
    "size" BIGINT NOT NULL,
    "sha256" VARCHAR(64),
    "name" VARCHAR(255),
    "created_at" TIMESTAMPTZ NOT NULL,
    "event_id" BIGINT REFERENCES "inbox" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_files_event_i_f5df34" UNIQUE ("event_id", "position")
);
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "key" VARCHAR(160) UNIQUE,
    "name" VARCHAR(64) NOT NULL,
    "payload" TEXT NOT NULL,
    "subject" VARCHAR(64),
    "state" VARCHAR(10) NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ,
    "token" VARCHAR(32),
    "lease_until" TIMESTAMPTZ,
    "attempts" INT NOT NULL,
    "external_id" VARCHAR(255),
    "sent_as" VARCHAR(80),
    "receipt" SMALLINT NOT NULL,
    "failure" VARCHAR(64),
    "created_at" TIMESTAMPTZ NOT NULL,
    "sent_at" TIMESTAMPTZ,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_outbox_externa_e09230" ON "outbox" ("external_id");
CREATE INDEX "idx_outbox_subject_d13b23" ON "outbox" ("subject");
CREATE INDEX "idx_outbox_contact_61bee3" ON "outbox" ("contact_id", "channel");
CREATE TABLE "fsm" (
    "key" VARCHAR(255) NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "state" VARCHAR(255),
    "data" TEXT NOT NULL
);
CREATE TABLE "counters" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "name" VARCHAR(32) NOT NULL,
    "value" BIGINT NOT NULL,
    CONSTRAINT "uid_counters_office__f86f07" UNIQUE ("office_id", "name")
);
CREATE TABLE "staff" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "village_code" VARCHAR(16),
    "created_at" TIMESTAMPTZ NOT NULL,
    "removed_at" TIMESTAMPTZ
);
CREATE TABLE "binding_codes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "staff_bindings" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "bound_at" TIMESTAMPTZ NOT NULL,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "contact_id" BIGINT NOT NULL UNIQUE REFERENCES "contacts" ("id") ON DELETE RESTRICT
);
CREATE TABLE "requests" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "number" VARCHAR(9) NOT NULL UNIQUE,
    "queue_number" BIGINT,
    "service" VARCHAR(40) NOT NULL,
    "state" VARCHAR(20) NOT NULL,
    "before_hold" VARCHAR(20),
    "hold_reason" VARCHAR(10),
    "reason" TEXT,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "for_self" BOOL,
    "relation" VARCHAR(32),
    "subject_name" VARCHAR(120),
    "nik" VARCHAR(16),
    "nik_flags" VARCHAR(200) NOT NULL,
    "nik_source" VARCHAR(10),
    "village_code" VARCHAR(16),
    "privacy_accepted_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "submitted_at" TIMESTAMPTZ,
    "complete_at" TIMESTAMPTZ,
    "correct_by" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    "owner_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_requests_office__757e46" UNIQUE ("office_id", "queue_number")
);
CREATE INDEX "idx_requests_office__c942e8" ON "requests" ("office_id", "state");
CREATE INDEX "idx_requests_contact_a75a3c" ON "requests" ("contact_id", "state");
CREATE TABLE "journal" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(40) NOT NULL,
    "action" VARCHAR(32) NOT NULL,
    "before" VARCHAR(20),
    "after" VARCHAR(20),
    "detail" TEXT NOT NULL,
    "request_id" BIGINT NOT NULL REFERENCES "requests" ("id") ON DELETE RESTRICT
);
CREATE TABLE "notes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "request_id" BIGINT NOT NULL REFERENCES "requests" ("id") ON DELETE RESTRICT,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "papers" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "slot" VARCHAR(32) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "reason" TEXT,
    "received_at" TIMESTAMPTZ NOT NULL,
    "request_id" BIGINT NOT NULL REFERENCES "requests" ("id") ON DELETE RESTRICT,
    "scan_id" BIGINT NOT NULL REFERENCES "files" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_papers_request_362180" UNIQUE ("request_id", "scan_id")
);
CREATE TABLE "questions" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "number" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "answered_by_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    "request_id" BIGINT REFERENCES "requests" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_questions_office__71bce1" UNIQUE ("office_id", "number")
);
CREATE TABLE "request_outputs" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "key" VARCHAR(32) NOT NULL,
    "state" VARCHAR(20) NOT NULL,
    "ready_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "reminded_at" TIMESTAMPTZ,
    "request_id" BIGINT NOT NULL REFERENCES "requests" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_request_out_request_e0e48b" UNIQUE ("request_id", "key")
);
CREATE TABLE "form_tokens" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "request_id" BIGINT NOT NULL REFERENCES "requests" ("id") ON DELETE RESTRICT
);
