"""The rows: what Loket remembers, on SQLite and PostgreSQL alike.

Rows hold no rules.  What may happen to a request is said in ``office/``; how a message travels in ``bot/``.
"""
