-- Receipts that came before we knew the message by the provider's name for it.

CREATE TABLE "early_receipts" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "external_id" VARCHAR(255) NOT NULL,
    "outbox_id" BIGINT,
    "receipt" SMALLINT NOT NULL,
    "fault" VARCHAR(16),
    "code" VARCHAR(64),
    "certain" INT NOT NULL DEFAULT 1,
    "heard_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_early_receipts" UNIQUE ("channel", "account", "external_id", "receipt")
);
CREATE INDEX "early_receipts_heard" ON "early_receipts" ("heard_at");
