-- A restored copy says nothing until somebody releases it; each restore leaves its row.

CREATE TABLE "freezes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "taken_at" TIMESTAMPTZ NOT NULL,
    "restored_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,
    "released_at" TIMESTAMPTZ
);
