-- What was found when a file was read on arrival; further pages of a PDF are files of their own.

ALTER TABLE "files" ADD COLUMN "sent_sha256" VARCHAR(64);
ALTER TABLE "files" ADD COLUMN "verdict" VARCHAR(12);
ALTER TABLE "files" ADD COLUMN "looks" VARCHAR(16);
ALTER TABLE "files" ADD COLUMN "page_of_id" BIGINT REFERENCES "files" ("id") ON DELETE RESTRICT;
CREATE INDEX "files_pages" ON "files" ("page_of_id") WHERE "page_of_id" IS NOT NULL;
