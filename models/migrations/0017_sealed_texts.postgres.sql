-- Sealed, a text is longer than it was; names and numbers are no exception.

ALTER TABLE "requests" ALTER COLUMN "subject_name" TYPE TEXT;
ALTER TABLE "requests" ALTER COLUMN "nik" TYPE TEXT;
ALTER TABLE "contacts" ALTER COLUMN "name" TYPE TEXT;

-- "value" holds the blind index by which an address is found
ALTER TABLE "addresses" ADD COLUMN "sealed" TEXT;
ALTER TABLE "files" ALTER COLUMN "name" TYPE TEXT;
