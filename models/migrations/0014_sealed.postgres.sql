-- Keys, each wrapped by one of the file of keys: of the texts in rows, and of each paper.

CREATE TABLE "field_keys" (
    "id" BIGSERIAL PRIMARY KEY NOT NULL,
    "kek" VARCHAR(16) NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
CREATE TABLE "paper_keys" (
    "storage_key" VARCHAR(160) PRIMARY KEY NOT NULL,
    "office_id" INT NOT NULL,
    "kek" VARCHAR(16) NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "paper_keys_kek" ON "paper_keys" ("kek", "storage_key");
