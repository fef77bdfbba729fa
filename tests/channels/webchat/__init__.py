"""The web chat to the suite that every channel has to pass."""
