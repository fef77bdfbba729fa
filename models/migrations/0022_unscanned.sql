-- What was kept while the scanner for malware gave no answer, and is to be looked through later.

CREATE INDEX "files_unscanned" ON "files" ("office_id", "id") WHERE "scanned" = 'not' AND "state" = 'stored';
