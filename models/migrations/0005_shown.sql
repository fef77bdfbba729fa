-- How many messages of a row the person has seen, where one method takes several: a further try begins behind
-- them, also after a restart.

ALTER TABLE "outbox" ADD COLUMN "shown" INT NOT NULL DEFAULT 0;
