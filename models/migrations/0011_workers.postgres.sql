-- Processes that share the work, and what wakes the one whose work it is.

CREATE TABLE "workers" (
    "name" VARCHAR(32) NOT NULL PRIMARY KEY,
    "lease_until" TIMESTAMPTZ NOT NULL
);
CREATE TABLE "partitions" (
    "number" INT NOT NULL PRIMARY KEY,
    "worker" VARCHAR(32),
    "lease_until" TIMESTAMPTZ
);
CREATE FUNCTION "loket_notice_queued"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('loket', 'outbox');
    RETURN NULL;
END
$$;
CREATE TRIGGER "notice_queued" AFTER INSERT ON "outbox"
    FOR EACH ROW WHEN (NEW."kind" = 'notice') EXECUTE FUNCTION "loket_notice_queued"();
