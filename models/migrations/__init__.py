"""The schema's history: numbered SQL files, and what reads and runs them.

``0007_name.sql`` serves both engines; ``0007_name.sqlite.sql`` and ``0007_name.postgres.sql`` one each.
A released file is never edited: its SHA-256 is in the database.  Each runs in one transaction with its
record.

Changing a table on SQLite is a rebuild (sqlite.org/lang_altertable.html, 7): create ``new_X``, copy, drop
``X``, rename, then make its indexes and triggers anew.  Foreign keys are off meanwhile and checked before the
commit.
"""
