"""Files on Meta's side: what may be uploaded, how long an id and a link live.

Source: platforms.md 3 (Meta, WhatsApp Cloud API, "Media").
"""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image

from tests.fakes.graph_errors import GraphRefusal

MB = 1024 * 1024
LINK_LIVES = timedelta(minutes=5)
INBOUND_LIVES = timedelta(days=7)
UPLOAD_LIVES = timedelta(days=30)

OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: dict[str, tuple[str, ...]] = {
    "image": ("image/jpeg", "image/png"),
    "document": (
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{OFFICE}wordprocessingml.document",
        f"{OFFICE}spreadsheetml.sheet",
        f"{OFFICE}presentationml.presentation",
    ),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "video": ("video/mp4", "video/3gpp"),
    "sticker": ("image/webp",),
}
LIMITS = {"image": 5 * MB, "document": 100 * MB, "audio": 16 * MB, "video": 16 * MB, "sticker": 100 * 1024}
ANIMATED_STICKER = 500 * 1024
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
    "audio/ogg": (b"OggS",),
    "image/webp": (b"RIFF",),
}
# A document may be of any type that images have too: a photo can be sent as a file.
SENDABLE = {kind: set(types) for kind, types in TYPES.items()} | {
    "document": {*TYPES["document"], *TYPES["image"]}
}


@dataclass(frozen=True, slots=True)
class Media:
    """A file Meta holds under an id until ``expires_at``; ``inbound``: it came from a person."""

    id: str
    data: bytes
    mime_type: str
    expires_at: datetime
    inbound: bool
    filename: str = ""

    @property
    def sha256_hex(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def sha256_base64(self) -> str:
        """As it stands in webhooks."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()


def check_upload(data: bytes, mime_type: str) -> str:
    """The kind of an acceptable file.  Raises `GraphRefusal`."""
    bare = mime_type.partition(";")[0].strip().lower()
    kind = next((kind for kind, types in TYPES.items() if bare in types), None)
    if kind is None:
        raise GraphRefusal(100, f"Param file must be a file of a supported type, not '{bare}'.")
    if not data:
        raise GraphRefusal(100, "Param file must not be empty.")
    limit = LIMITS[kind]
    if kind == "sticker" and getattr(_picture(data), "is_animated", False):
        limit = ANIMATED_STICKER
    if len(data) > limit:
        raise GraphRefusal(131053, f"File of {len(data)} bytes exceeds the {limit} allowed for {kind}.")
    beginnings = BEGINNINGS.get(bare)
    if beginnings and not data.startswith(beginnings):
        raise GraphRefusal(131053, f"Media file MIME type '{bare}' does not match the file's content.")
    if kind == "image":
        _check_picture(data)
    return kind


def _picture(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data))
    except OSError as error:
        raise GraphRefusal(131053, "The picture cannot be read.") from error


def _check_picture(data: bytes) -> None:
    """8-bit RGB or RGBA only (platforms.md 3); grey JPEGs and palettes are converted by Meta's clients."""
    mode = _picture(data).mode
    if mode.startswith(("I", "F", "CMYK")):
        raise GraphRefusal(131053, f"Pictures must be 8-bit RGB or RGBA, not {mode}.")
