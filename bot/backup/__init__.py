"""A backup: the database as of one moment, the files that its rows name, and a manifest written last.

The folder: ``manifest.json``, ``database/`` (one SQLite file, or one CSV a table), ``papers/`` by their
storage keys.
"""
