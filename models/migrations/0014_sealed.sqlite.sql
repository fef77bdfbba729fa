-- Keys, each wrapped by one of the file of keys: of the texts in rows, and of each paper.

CREATE TABLE "field_keys" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kek" VARCHAR(16) NOT NULL,
    "wrapped" BLOB NOT NULL,
    "created_at" TIMESTAMP NOT NULL
);
CREATE TABLE "paper_keys" (
    "storage_key" VARCHAR(160) PRIMARY KEY NOT NULL,
    "office_id" INT NOT NULL,
    "kek" VARCHAR(16) NOT NULL,
    "wrapped" BLOB NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMP NOT NULL
);
CREATE INDEX "paper_keys_kek" ON "paper_keys" ("kek", "storage_key");
