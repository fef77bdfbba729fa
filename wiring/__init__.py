"""Where everything is put together: the only place that names channels, and the verbs of ``run.py``."""
