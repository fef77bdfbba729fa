"""What no file, log or figure of the office may hold in clear: planted names, numbers, words and tokens.

The values that tests everywhere use for people are the canaries.  They are looked for as ``grep -a`` would,
in the forms of `words`:

- after every test: in what it logged and printed, in SQLite's log while the database is open, and in every
  file of its folder and of the temporary folder, which are databases, papers, the black box and backups;
- at the end: in the figures, in what modules share, in shared memory, and in all that PostgreSQL has written
  down in the whole run, to the last row that was deleted long ago (see `on_postgres`).
"""
