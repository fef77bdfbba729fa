-- A one-time page may take papers, piece by piece, and knows the conversation that asked for it.

ALTER TABLE "form_tokens" ADD COLUMN "kind" VARCHAR(8) NOT NULL DEFAULT 'nik';
ALTER TABLE "form_tokens" ADD COLUMN "channel" VARCHAR(16);
ALTER TABLE "form_tokens" ADD COLUMN "account" VARCHAR(64);
CREATE TABLE "uploads" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "key" VARCHAR(32) NOT NULL UNIQUE,
    "slot" VARCHAR(32) NOT NULL,
    "length" BIGINT NOT NULL,
    "received" BIGINT NOT NULL DEFAULT 0,
    "parts" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "done_at" TIMESTAMPTZ,
    "form_id" BIGINT NOT NULL REFERENCES "form_tokens" ("id") ON DELETE RESTRICT
);
CREATE INDEX "uploads_form" ON "uploads" ("form_id");
