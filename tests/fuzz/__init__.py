"""All sorts of inputs before parsers and decoders: some in `make test`, 100,000 each in `make soak`."""
