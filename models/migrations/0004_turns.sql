-- Delivery claims by account and kind, each up to its own pace: the index follows the claim.
DROP INDEX "outbox_due";
CREATE INDEX "outbox_turns" ON "outbox" ("channel", "account", "kind", "due_at", "id") WHERE "state" = 'queued';

-- A notice that one channel cannot bring goes to another, to each at most once.
ALTER TABLE "outbox" ADD COLUMN "tried" VARCHAR(160);

-- People whom a template has reached in the last day: the platform's messaging limit counts them.
CREATE INDEX "outbox_templates" ON "outbox" ("channel", "sent_at") WHERE "sent_as" LIKE 'template:%';
