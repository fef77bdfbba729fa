-- Genuine bodies, and entries of them, that could not be understood.

CREATE TABLE "quarantine" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "reason" VARCHAR(24) NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "body" BLOB NOT NULL,
    "times" INT NOT NULL DEFAULT 1,
    "received_at" TIMESTAMP NOT NULL,
    "last_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_quarantine" UNIQUE ("channel", "account", "digest")
);
CREATE INDEX "quarantine_last" ON "quarantine" ("last_at");
