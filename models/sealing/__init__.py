"""What is personal lies sealed: AES-256-GCM, bound to its row, under keys that lie elsewhere.

``keys.py`` is the file of keys; ``ring.py`` seals texts and makes blind indexes; ``rows.py`` brings it to the
models.  Papers are sealed by `bot.sealed_storage`, each under a key of its own.
"""
