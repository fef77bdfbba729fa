"""Parsers before changed inputs: a few hundred in `make test`, a hundred thousand each in `make soak`."""
