"""The front door: settings, logs, the lock, and the verbs of run.py."""
