"""Task engines beside our own outbox: the same sends, the same kill."""
