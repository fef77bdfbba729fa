"""Webhook bodies of a Page as Meta writes them; signed and serialised by `bodies`.

Source: Meta, Messenger Platform, "Webhooks" and its events (read 11 Sep 2026), "Changelog" (Jun 2026), Graph
API, "Webhooks: Page, feed"; shapes compared with restfb's and messenger4j's recorded bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]

#: The three sizes of the like-thumb.
THUMBS = (369239263222822, 369239343222814, 369239383222810)


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def page_body(items: Sequence[Json], *, page_id: str, at: datetime, key: str = "messaging") -> Json:
    """One ``entry`` with ``messaging`` (or ``standby``) items; join several with `bodies.one_batch`."""
    return {"object": "page", "entry": [{"id": page_id, "time": milliseconds(at), key: list(items)}]}


def change_body(field: str, value: Json, *, page_id: str, at: datetime) -> Json:
    """One ``entry`` with one change, its time in seconds: a comment, a verdict on a template."""
    entry = {"id": page_id, "time": int(at.timestamp()), "changes": [{"field": field, "value": value}]}
    return {"object": "page", "entry": [entry]}


def item(sender: str | int, recipient: str | int, timestamp: int, **part: object) -> Json:
    """``part`` is what happened: ``message=…``, ``postback=…``, ``read=…``."""
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": timestamp} | part


def file_attachment(kind: str, url: str) -> Json:
    return {"type": kind, "payload": {"url": url}}


def location(latitude: float, longitude: float) -> Json:
    return {"type": "location", "payload": {"coordinates": {"lat": latitude, "long": longitude}}}


def sticker(url: str, sticker_id: int, *, as_image: bool = False) -> Json:
    """Of its own type since 30 Aug 2026; before, an image with a sticker's id (``as_image``)."""
    kind = "image" if as_image else "sticker"
    return {"type": kind, "payload": {"url": url, "sticker_id": sticker_id}}


def comment(
    *,
    comment_id: str,
    post_id: str,
    text: str,
    at: datetime,
    author: tuple[str, str] | None,
    parent_id: str = "",
    verb: str = "add",
) -> Json:
    """The ``value`` of a change of ``feed``; ``author`` is (id, name), None where Meta does not say."""
    value: Json = {"item": "comment", "verb": verb, "comment_id": comment_id, "post_id": post_id}
    value |= {"parent_id": parent_id or post_id, "created_time": int(at.timestamp())}
    value |= {"message": text} if verb != "remove" else {}
    if author:
        value["from"] = {"id": author[0], "name": author[1]}
    return value
