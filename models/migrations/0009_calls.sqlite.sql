-- People to telephone because a message did not reach them, and what staff are told of.

CREATE TABLE "calls" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "number" BIGINT NOT NULL,
    "listed_at" TIMESTAMP NOT NULL,
    "ended_at" TIMESTAMP,
    "ended_as" VARCHAR(8),
    "ended_by_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "outbox_id" BIGINT NOT NULL UNIQUE REFERENCES "outbox" ("id") ON DELETE RESTRICT,
    "request_id" BIGINT REFERENCES "requests" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_calls" UNIQUE ("office_id", "number")
);
CREATE INDEX "calls_open" ON "calls" ("office_id", "number") WHERE "ended_at" IS NULL;
CREATE INDEX "calls_request" ON "calls" ("request_id");
CREATE INDEX "calls_ended_by" ON "calls" ("ended_by_id");

CREATE TABLE "alerts" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "about" VARCHAR(120) NOT NULL,
    "raised_at" TIMESTAMP NOT NULL,
    "told_at" TIMESTAMP,
    CONSTRAINT "uid_alerts" UNIQUE ("office_id", "kind", "about")
);
CREATE INDEX "alerts_untold" ON "alerts" ("office_id", "id") WHERE "told_at" IS NULL;
CREATE INDEX "alerts_told" ON "alerts" ("office_id", "told_at") WHERE "told_at" IS NOT NULL;

-- what the clock looks for: messages that got stuck, those whose time is over, and what could not be handled
CREATE INDEX "outbox_stuck" ON "outbox" ("office_id", "due_at") WHERE "state" IN ('failed', 'unknown');
CREATE INDEX "outbox_expiring" ON "outbox" ("office_id", "expires_at")
    WHERE "state" IN ('queued', 'unknown') AND "expires_at" IS NOT NULL;
CREATE INDEX "inbox_parked" ON "inbox" ("office_id", "done_at") WHERE "state" = 'parked';
