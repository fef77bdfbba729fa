"""Killing the server at every named instruction, and asking what is left."""
