-- By which an exact NIK or telephone number is found (HMAC, see models/sealing/ring.py); and how much of a
-- day's bytes a file used up, also one that was refused.

ALTER TABLE "requests" ADD COLUMN "nik_index" VARCHAR(32);
ALTER TABLE "files" ADD COLUMN "sent_size" BIGINT NOT NULL DEFAULT 0;
CREATE INDEX "requests_by_nik" ON "requests" ("office_id", "nik_index") WHERE "nik_index" IS NOT NULL;
CREATE INDEX "addresses_by_phone" ON "addresses" ("office_id", "value") WHERE "kind" IN ('wa_id', 'phone');
CREATE INDEX "papers_waiting" ON "papers" ("office_id", "received_at") WHERE "state" = 'waiting';
