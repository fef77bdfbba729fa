-- Rights over one's data, and time: what is deleted when, what was, and what has to be deleted again in a copy.

ALTER TABLE "contacts" ADD COLUMN "erased_at" TIMESTAMPTZ;
ALTER TABLE "contacts" ADD COLUMN "afresh_at" TIMESTAMPTZ;
ALTER TABLE "contacts" ADD COLUMN "restricted_at" TIMESTAMPTZ;
ALTER TABLE "inbox" ADD COLUMN "scrubbed_at" TIMESTAMPTZ;
ALTER TABLE "outbox" ADD COLUMN "scrubbed_at" TIMESTAMPTZ;
ALTER TABLE "requests" ADD COLUMN "forgotten_at" TIMESTAMPTZ;
ALTER TABLE "requests" ADD COLUMN "retained_at" TIMESTAMPTZ;
ALTER TABLE "requests" ADD COLUMN "retain_reason" TEXT;
ALTER TABLE "requests" ADD COLUMN "retained_by_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT;

CREATE TABLE "purges" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "day" VARCHAR(10) NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    CONSTRAINT "uid_purges" UNIQUE ("office_id", "kind", "day")
);
CREATE TABLE "tombstones" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "contact_id" BIGINT NOT NULL,
    "born_at" TIMESTAMPTZ NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tombstones" UNIQUE ("office_id", "contact_id", "born_at")
);
CREATE TABLE "data_requests" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "number" BIGINT NOT NULL,
    "right" VARCHAR(8) NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "reminded" INT NOT NULL DEFAULT 0,
    "ended_at" TIMESTAMPTZ,
    "ended_as" VARCHAR(8),
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    "question_id" BIGINT REFERENCES "questions" ("id") ON DELETE RESTRICT,
    "owner_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_data_requests" UNIQUE ("office_id", "number")
);
CREATE INDEX "data_requests_contact" ON "data_requests" ("contact_id");
CREATE INDEX "data_requests_question" ON "data_requests" ("question_id");
CREATE INDEX "data_requests_open" ON "data_requests" ("office_id", "due_at") WHERE "ended_at" IS NULL;
CREATE TABLE "consents" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "purpose" VARCHAR(16) NOT NULL,
    "given" BOOL NOT NULL,
    "version" INT NOT NULL,
    "text_hash" VARCHAR(64) NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT
);
CREATE INDEX "consents_contact" ON "consents" ("contact_id", "purpose", "id");
CREATE TABLE "export_tokens" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT
);
CREATE INDEX "export_tokens_contact" ON "export_tokens" ("contact_id");
CREATE TABLE "breaches" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "number" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "since" TIMESTAMPTZ NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "closed_at" TIMESTAMPTZ,
    CONSTRAINT "uid_breaches" UNIQUE ("office_id", "number")
);

-- what the purge looks for: only what is still there, oldest first
CREATE INDEX "inbox_to_scrub" ON "inbox" ("office_id", "received_at") WHERE "scrubbed_at" IS NULL;
CREATE INDEX "outbox_to_scrub" ON "outbox" ("office_id", "created_at") WHERE "scrubbed_at" IS NULL;
CREATE INDEX "files_to_purge" ON "files" ("office_id", "created_at") WHERE "state" = 'stored';
CREATE INDEX "files_leaving" ON "files" ("id") WHERE "state" = 'refused' AND "storage_key" IS NOT NULL;
CREATE INDEX "files_by_key" ON "files" ("storage_key") WHERE "storage_key" IS NOT NULL;
CREATE INDEX "requests_to_forget" ON "requests" ("office_id", "closed_at")
    WHERE "forgotten_at" IS NULL AND "closed_at" IS NOT NULL;
CREATE INDEX "requests_retained" ON "requests" ("contact_id") WHERE "retained_at" IS NOT NULL;
CREATE INDEX "requests_drafts" ON "requests" ("office_id", "changed_at") WHERE "state" = 'draft';
CREATE INDEX "contacts_to_forget" ON "contacts" ("office_id", "id") WHERE "erased_at" IS NULL;
CREATE INDEX "contacts_merged" ON "contacts" ("merged_into") WHERE "merged_into" IS NOT NULL;
