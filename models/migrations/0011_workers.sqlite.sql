-- Processes that share the work: on SQLite there is one, and these stay empty.

CREATE TABLE "workers" (
    "name" VARCHAR(32) PRIMARY KEY NOT NULL,
    "lease_until" TIMESTAMP NOT NULL
);
CREATE TABLE "partitions" (
    "number" INT PRIMARY KEY NOT NULL,
    "worker" VARCHAR(32),
    "lease_until" TIMESTAMP
);
