-- How many steps a conversation has made: who handled a message beside the lane finds out whether somebody
-- else moved the conversation meanwhile.

ALTER TABLE "conversations" ADD COLUMN "turn" BIGINT NOT NULL DEFAULT 0;
