-- Genuine bodies, and entries of them, that could not be understood.

CREATE TABLE "quarantine" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "reason" VARCHAR(24) NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "body" BYTEA NOT NULL,
    "times" INT NOT NULL DEFAULT 1,
    "received_at" TIMESTAMPTZ NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_quarantine" UNIQUE ("channel", "account", "digest")
);
CREATE INDEX "quarantine_last" ON "quarantine" ("last_at");
