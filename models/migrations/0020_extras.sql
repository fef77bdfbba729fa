-- What the scanner for malware said, and what OCR read for the operator; both are asked only where it is set.

ALTER TABLE "files" ADD COLUMN "scanned" VARCHAR(8);
ALTER TABLE "files" ADD COLUMN "suggested" TEXT;
CREATE INDEX "files_malware" ON "files" ("office_id", "created_at") WHERE "problem" = 'malware';
