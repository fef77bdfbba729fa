-- Since when nobody knows whether the platform has a message; see `bot.silence`.

ALTER TABLE "outbox" ADD COLUMN "unknown_at" TIMESTAMP;
CREATE INDEX "outbox_unknown" ON "outbox" ("office_id", "channel", "account", "unknown_at")
    WHERE "state" = 'unknown';
