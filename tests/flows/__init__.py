"""Whole paths through real doors: signed webhooks in, provider calls out, against fakes that validate."""
