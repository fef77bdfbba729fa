-- What several channels of one person need: hands that changed, doubts about an address, how much of a
-- message a channel could show, the platforms' templates, and the codes that join two chats.

ALTER TABLE "conversations" ADD COLUMN "reverify_since" TIMESTAMPTZ;
ALTER TABLE "contacts" ADD COLUMN "merged_into" BIGINT;
ALTER TABLE "conversations" ADD COLUMN "refused_at" TIMESTAMPTZ;
ALTER TABLE "outbox" ADD COLUMN "degree" VARCHAR(8);

CREATE TABLE "message_templates" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "language" VARCHAR(8) NOT NULL,
    "category" VARCHAR(16) NOT NULL,
    "status" VARCHAR(24) NOT NULL,
    "parameters" TEXT NOT NULL,
    "synced_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_message_templates" UNIQUE ("channel", "account", "name", "language")
);

CREATE TABLE "link_codes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL UNIQUE,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "asked_by_id" BIGINT REFERENCES "contacts" ("id") ON DELETE RESTRICT,
    "contact_id" BIGINT NOT NULL REFERENCES "contacts" ("id") ON DELETE RESTRICT
);
CREATE INDEX "link_codes_contact" ON "link_codes" ("contact_id");
CREATE INDEX "link_codes_asked_by" ON "link_codes" ("asked_by_id");
