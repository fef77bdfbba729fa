"""The staff's desk in a browser: `/console`."""
