"""The core by itself: rows, lanes, outbox and delivery, with a channel of the tests' own."""
