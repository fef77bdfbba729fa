"""What we build on: the lock, its bill of materials, and what is known against it."""
