"""The verbs of ``run.py``, by subject.  Heavy imports stand inside them, so that ``--help`` is quick."""
