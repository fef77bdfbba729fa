-- Sealed, a text is longer than it was; names and numbers are no exception.

ALTER TABLE "requests" RENAME COLUMN "subject_name" TO "subject_name_before";
ALTER TABLE "requests" ADD COLUMN "subject_name" TEXT;
UPDATE "requests" SET "subject_name" = "subject_name_before";
ALTER TABLE "requests" DROP COLUMN "subject_name_before";
ALTER TABLE "requests" RENAME COLUMN "nik" TO "nik_before";
ALTER TABLE "requests" ADD COLUMN "nik" TEXT;
UPDATE "requests" SET "nik" = "nik_before";
ALTER TABLE "requests" DROP COLUMN "nik_before";
ALTER TABLE "contacts" RENAME COLUMN "name" TO "name_before";
ALTER TABLE "contacts" ADD COLUMN "name" TEXT NOT NULL DEFAULT '';
UPDATE "contacts" SET "name" = "name_before";
ALTER TABLE "contacts" DROP COLUMN "name_before";

-- "value" holds the blind index by which an address is found
ALTER TABLE "addresses" ADD COLUMN "sealed" TEXT;
ALTER TABLE "files" RENAME COLUMN "name" TO "name_before";
ALTER TABLE "files" ADD COLUMN "name" TEXT;
UPDATE "files" SET "name" = "name_before";
ALTER TABLE "files" DROP COLUMN "name_before";
