"""The docs say the same as the code."""
