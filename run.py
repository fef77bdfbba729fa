"""Loket's front door: ``python run.py serve`` and the verbs beside it.  ``--help`` lists them."""

import os

from wiring.cli import main

if __name__ == "__main__":
    os.umask(0o077)  # what we write holds citizens' data: nobody else on this machine reads it
    raise SystemExit(main())
