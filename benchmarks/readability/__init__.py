"""Labelled photos of papers that never were, and how often the desk judges them rightly."""
