"""Where papers may lie, and what somebody sees there who looks past the product: a folder, and S3.

S3 is moto's server on a real socket, in this process; its import costs seconds, so it begins with the first
test that asks for it, and every test has a bucket of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import obstore
from obstore.store import S3Store

PREFIX = "kantor/berkas"
KEYS = {"AWS_ACCESS_KEY_ID": "loket", "AWS_SECRET_ACCESS_KEY": "rahasia-s3", "AWS_REGION": "ap-southeast-3"}


class Place(Protocol):
    """``url``: what `LOKET_STORAGE_URL` says."""

    @property
    def url(self) -> str: ...

    def files(self) -> dict[str, bytes]:
        """Everything that lies there, by its key."""

    def overwrite(self, key: str, content: bytes) -> None:
        """As somebody does who has no key of ours."""


class Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        return f"file://{self._folder}"

    def files(self) -> dict[str, bytes]:
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in found}

    def overwrite(self, key: str, content: bytes) -> None:
        (self._folder / key).write_bytes(content)


class Bucket:
    """The office's papers lie under `PREFIX`; ``others`` is what else lies in the bucket."""

    def __init__(self, name: str, endpoint: str) -> None:
        self.name = name
        self.environment = {**KEYS, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true"}
        _call("PUT", f"{endpoint}/{name}")
        config: Any = {name.lower(): value for name, value in self.environment.items()}
        self.others = S3Store(name, config=config)

    @property
    def url(self) -> str:
        return f"s3://{self.name}/{PREFIX}"

    def files(self) -> dict[str, bytes]:
        paths = [one["path"] for some in obstore.list(self.others, PREFIX) for one in some]
        return {
            path.removeprefix(f"{PREFIX}/"): bytes(obstore.get(self.others, path).bytes()) for path in paths
        }

    def overwrite(self, key: str, content: bytes) -> None:
        obstore.put(self.others, f"{PREFIX}/{key}", content)


class S3:
    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - two seconds

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._make = ThreadedMotoServer
        self._numbers = itertools.count(1)
        self._server = self._started(0)
        self.port = self._server.get_host_and_port()[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self) -> Bucket:
        return Bucket(f"kantor-{next(self._numbers)}", self.endpoint)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """It comes back with all that lay there."""
        self.stops()
        try:
            yield
        finally:
            self._server = self._started(self.port)

    @contextlib.contextmanager
    def letting_nobody_in(self) -> Iterator[None]:
        """It takes no key that it has not given itself."""
        door = f"{self.endpoint}/moto-api/reset-auth"
        _call("POST", door, b"0")
        try:
            yield
        finally:
            _call("POST", door, b"inf")

    def stops(self) -> None:
        self._server.stop()

    def _started(self, port: int) -> Any:
        server = self._make(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        return server


def _call(method: str, url: str, body: bytes | None = None) -> None:
    asked = urllib.request.Request(url, body, {"Content-Type": "text/plain"}, method=method)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        assert answer.status == 200


def environment(place: Place) -> Mapping[str, str]:
    """What the product needs beside `LOKET_STORAGE_URL` to reach it."""
    return place.environment if isinstance(place, Bucket) else {}
