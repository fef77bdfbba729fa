-- The desk's queue, now also narrowed and counted within the index: among a million requests one office's six
-- thousand open ones were looked up one by one.  It takes the place of `requests_queue`.

CREATE INDEX "requests_waiting" ON "requests"
    ("office_id", "submitted_at", "id", "state", "service", "village_code", "owner_id") WHERE "state" IN
    ('submitted', 'in_review', 'needs_correction', 'complete', 'in_process', 'awaiting_signature', 'on_hold');
DROP INDEX "requests_queue";
