-- A restored copy says nothing until somebody releases it; each restore leaves its row.

CREATE TABLE "freezes" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "taken_at" TIMESTAMP NOT NULL,
    "restored_at" TIMESTAMP NOT NULL,
    "settled_at" TIMESTAMP,
    "released_at" TIMESTAMP
);
