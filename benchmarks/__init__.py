"""How fast, beside whom: ratios in one run, never a time on its own."""
