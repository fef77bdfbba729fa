"""The job: one message to the bench's provider.  Standard library only: every engine's environment has it."""

import http.client
import json
import os
import threading
from urllib.parse import urlsplit

FIRST = 700_000_000
_here = threading.local()


def post(number: int) -> None:
    """Raises: OSError, HTTPException."""
    if not hasattr(_here, "connection"):
        _here.connection = http.client.HTTPConnection(urlsplit(os.environ["PROVIDER"]).netloc, timeout=10)
    body = json.dumps({"chat_id": FIRST + number, "text": f"note {number}"})
    _here.connection.request("POST", "/bot42:bench/sendMessage", body, {"Content-Type": "application/json"})
    _here.connection.getresponse().read()
