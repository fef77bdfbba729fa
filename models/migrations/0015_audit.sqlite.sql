-- Who did what: rows that nobody changes, and when a chat of the desk was last used.

CREATE TABLE "audit" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "actor" VARCHAR(40) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "action" VARCHAR(32) NOT NULL,
    "object" VARCHAR(80) NOT NULL,
    "reason" VARCHAR(80) NOT NULL,
    "mac" VARCHAR(64) NOT NULL,
    CONSTRAINT "uid_audit" UNIQUE ("office_id", "seq")
);
CREATE INDEX "audit_object" ON "audit" ("office_id", "object");

CREATE TRIGGER "audit_never_changes" BEFORE UPDATE ON "audit"
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never changed');
END;
CREATE TRIGGER "audit_never_shrinks" BEFORE DELETE ON "audit"
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never deleted');
END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER "audit_replaces_nothing" BEFORE INSERT ON "audit"
WHEN EXISTS (SELECT 1 FROM "audit" WHERE "id" = NEW."id")
  OR EXISTS (SELECT 1 FROM "audit" WHERE "office_id" = NEW."office_id" AND "seq" = NEW."seq")
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never replaced');
END;

CREATE TABLE "audit_heads" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "office_id" INT NOT NULL UNIQUE,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "mac" VARCHAR(64) NOT NULL DEFAULT '',
    "seal" VARCHAR(64) NOT NULL DEFAULT ''
);

ALTER TABLE "staff_bindings" ADD COLUMN "used_at" TIMESTAMP;
