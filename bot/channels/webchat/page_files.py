"""The page's own files, read once and sent compressed where the browser can."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER: Final = Path(__file__).parent / "page"
_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    content_type: str
    plain: bytes
    packed: bytes
    tag: str

    @classmethod
    def load(cls, path: Path) -> "PageFile":
        content = path.read_bytes()
        return cls(
            _TYPES[path.suffix], content, gzip.compress(content), hashlib.sha256(content).hexdigest()[:32]
        )

    def answer(self, request: web.Request, cache: str) -> web.Response:
        """304 where the browser has this very file."""
        headers = {"Cache-Control": cache, "ETag": f'"{self.tag}"', "Vary": "Accept-Encoding"}
        if any(given.value in (self.tag, "*") for given in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        packs = "gzip" in request.headers.get("Accept-Encoding", "")
        if packs:
            headers["Content-Encoding"] = "gzip"
        body = self.packed if packs else self.plain
        return web.Response(body=body, content_type=self.content_type, charset="utf-8", headers=headers)


def load() -> dict[str, PageFile]:
    """By file name."""
    return {path.name: PageFile.load(path) for path in _FOLDER.iterdir() if path.suffix in _TYPES}
