"""What `make test` leaves to `make soak`."""

import os

import pytest

SOAKING = os.environ.get("LOKET_SOAK") == "1"
only_in_the_soak = pytest.mark.skipif(not SOAKING, reason="takes its time: make soak")
