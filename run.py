"""Loket's front door: ``python run.py serve`` and the verbs beside it.  ``--help`` lists them."""

from wiring.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
