-- Who did what: rows that nobody changes, and when a chat of the desk was last used.

CREATE TABLE "audit" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(40) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "action" VARCHAR(32) NOT NULL,
    "object" VARCHAR(80) NOT NULL,
    "reason" VARCHAR(80) NOT NULL,
    "mac" VARCHAR(64) NOT NULL,
    CONSTRAINT "uid_audit" UNIQUE ("office_id", "seq")
);
CREATE INDEX "audit_object" ON "audit" ("office_id", "object");

CREATE FUNCTION "audit_refuses"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the audit are never changed or deleted';
END
$$;
CREATE TRIGGER "audit_never_changes" BEFORE UPDATE OR DELETE ON "audit"
    FOR EACH ROW EXECUTE FUNCTION "audit_refuses"();
CREATE TRIGGER "audit_never_emptied" BEFORE TRUNCATE ON "audit"
    FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuses"();

CREATE TABLE "audit_heads" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL UNIQUE,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "mac" VARCHAR(64) NOT NULL DEFAULT '',
    "seal" VARCHAR(64) NOT NULL DEFAULT ''
);

ALTER TABLE "staff_bindings" ADD COLUMN "used_at" TIMESTAMPTZ;
