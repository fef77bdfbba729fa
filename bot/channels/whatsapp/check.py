"""What `doctor` asks Meta: is the number ours and in good standing, and does Meta tell us about it?"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import DeliveryFailed, Finding
from bot.channels.shape import listing, mapping, text
from bot.channels.whatsapp.graph import Graph
from bot.channels.whatsapp.settings import WhatsAppSettings

NUMBER: Final = "number"
QUALITY: Final = "quality"  # of what people say about our messages: GREEN, YELLOW, RED
LIMIT: Final = "messaging_limit"  # people a day whom we may write to first
SUBSCRIPTION: Final = "subscription"

_LIMIT: Final = "whatsapp_business_manager_messaging_limit"


async def check(graph: Graph, settings: WhatsAppSettings) -> list[Finding]:
    return [*await _number(graph, settings), await _subscription(graph, settings)]


async def _number(graph: Graph, settings: WhatsAppSettings) -> list[Finding]:
    """Meta, "Messaging limits": a number of low quality may not write to more people than it does."""
    try:
        about = await graph.get(settings.phone_number_id, fields=f"id,quality_rating,{_LIMIT}")
    except DeliveryFailed as failure:
        return [Finding(NUMBER, ok=False, detail=failure.code)]
    quality, limit = text(about.get("quality_rating")), text(about.get(_LIMIT)).removeprefix("TIER_")
    return [
        Finding(NUMBER, ok=text(about.get("id")) == settings.phone_number_id),
        Finding(QUALITY, ok=quality != "RED", detail=quality.lower() or "unknown"),
        Finding(LIMIT, ok=True, detail=limit.lower() or "unknown"),
    ]


async def _subscription(graph: Graph, settings: WhatsAppSettings) -> Finding:
    try:
        subscribed = await graph.get(settings.waba_id, "subscribed_apps")
    except DeliveryFailed as failure:
        return Finding(SUBSCRIPTION, ok=False, detail=failure.code)
    apps = {_app_id(app) for app in listing(subscribed.get("data"))}
    ours = await _own_app(graph)
    if ours is None:  # the token may not ask; any subscription at all is the best we can see
        return Finding(SUBSCRIPTION, ok=bool(apps), detail="" if apps else "no_app")
    return Finding(SUBSCRIPTION, ok=ours in apps, detail="" if ours in apps else "other_app")


def _app_id(app: Any) -> str:
    whole: Mapping[str, Any] = mapping(app)
    return text(mapping(whole.get("whatsapp_business_api_data")).get("id")) or text(whole.get("id"))


async def _own_app(graph: Graph) -> str | None:
    try:
        return text((await graph.get("app", fields="id")).get("id")) or None
    except DeliveryFailed:
        return None
