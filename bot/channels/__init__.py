"""One folder per channel; what they share stands beside them.  Channels never import each other."""
