"""A database out into a folder, and back into an empty one: each engine in its own way."""
