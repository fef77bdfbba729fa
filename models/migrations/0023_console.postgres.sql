-- How staff come into the console: links, accounts, recovery codes, sessions, and tries that are counted.

CREATE TABLE "console_links" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "totp_secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "console_accounts" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "password_hash" VARCHAR(160) NOT NULL,
    "totp_secret" TEXT NOT NULL,
    "totp_step" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "staff_id" BIGINT NOT NULL UNIQUE REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "recovery_codes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL UNIQUE,
    "used_at" TIMESTAMPTZ,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE INDEX "recovery_codes_staff" ON "recovery_codes" ("staff_id");
CREATE TABLE "console_sessions" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "role" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ NOT NULL,
    "proved_at" TIMESTAMPTZ NOT NULL,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE INDEX "console_sessions_staff" ON "console_sessions" ("staff_id");
CREATE TABLE "signin_tries" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "office_id" INT NOT NULL,
    "who" VARCHAR(32) NOT NULL,
    "address" VARCHAR(32) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "signin_tries_at" ON "signin_tries" ("office_id", "at");
