-- Broadcasts: what is said to everybody who agreed.  Their rows in the outbox are counted within an index of
-- their own, and who agreed is found in the order of contacts.

CREATE TABLE "broadcasts" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "number" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "state" VARCHAR(10) NOT NULL DEFAULT 'draft',
    "drafted_at" TIMESTAMPTZ NOT NULL,
    "confirmed_at" TIMESTAMPTZ,
    "expected" INT,
    "cursor" BIGINT NOT NULL DEFAULT 0,
    "out_of_reach" INT NOT NULL DEFAULT 0,
    "handed_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "drafted_by_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "confirmed_by_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_broadcasts" UNIQUE ("office_id", "number")
);
CREATE INDEX "broadcasts_going" ON "broadcasts" ("office_id", "id") WHERE "state" = 'confirmed';
CREATE INDEX "outbox_broadcasts" ON "outbox" ("office_id", "subject", "contact_id", "state", "receipt")
    WHERE "name" = 'broadcast';
CREATE INDEX "consents_latest" ON "consents" ("office_id", "purpose", "contact_id", "id", "given");
