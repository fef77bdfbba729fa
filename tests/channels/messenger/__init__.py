"""Messenger to the suite that every channel has to pass."""
