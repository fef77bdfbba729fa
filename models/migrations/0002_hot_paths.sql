-- Partial indexes for the paths that run all the time: they hold only the rows that are waiting, so a claim
-- among a million finished rows reads a handful of pages.
--
-- SQLite takes such an index when the statement names the state itself or binds one value (`"state" = ?`),
-- but never for a list of bound values (`"state" IN (?, ?)`, as the ORM's `state__in` writes): there say the
-- list in the statement, or lean on a condition that a comparison implies, like `IS NOT NULL`.

-- lanes: what a conversation has waiting, in order of arrival
CREATE INDEX "inbox_waiting" ON "inbox" ("contact_id", "id") WHERE "state" = 'new';

-- delivery: what is due, who must wait for whom, whose claim has died
CREATE INDEX "outbox_due" ON "outbox" ("due_at", "id") WHERE "state" = 'queued';
CREATE INDEX "outbox_lane" ON "outbox" ("contact_id", "channel", "id")
    WHERE "state" IN ('queued', 'claimed', 'sending');
CREATE INDEX "outbox_leases" ON "outbox" ("lease_until") WHERE "lease_until" IS NOT NULL;

-- the counter: the queue in order, an operator's own desk, what ran out, what waits on the shelf
CREATE INDEX "requests_queue" ON "requests" ("office_id", "submitted_at") WHERE "state" IN
    ('submitted', 'in_review', 'needs_correction', 'complete', 'in_process', 'awaiting_signature', 'on_hold');
CREATE INDEX "requests_desk" ON "requests" ("owner_id") WHERE "owner_id" IS NOT NULL;
CREATE INDEX "requests_corrections" ON "requests" ("correct_by") WHERE "state" = 'needs_correction';
CREATE INDEX "request_outputs_on_the_shelf" ON "request_outputs" ("ready_at") WHERE "state" = 'ready_for_pickup';
CREATE INDEX "questions_open" ON "questions" ("office_id", "number") WHERE "answered_at" IS NULL;

-- children by their parent: neither engine indexes a foreign key by itself
CREATE INDEX "addresses_contact" ON "addresses" ("contact_id");
CREATE INDEX "inbox_contact" ON "inbox" ("contact_id", "id");
CREATE INDEX "journal_request" ON "journal" ("request_id", "id");
CREATE INDEX "notes_request" ON "notes" ("request_id", "id");
CREATE INDEX "papers_scan" ON "papers" ("scan_id");
CREATE INDEX "form_tokens_request" ON "form_tokens" ("request_id");
CREATE INDEX "questions_contact" ON "questions" ("contact_id");
CREATE INDEX "questions_request" ON "questions" ("request_id");
CREATE INDEX "staff_bindings_staff" ON "staff_bindings" ("staff_id");
CREATE INDEX "binding_codes_staff" ON "binding_codes" ("staff_id");
