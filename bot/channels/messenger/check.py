"""What `doctor` asks Meta: does the token speak for our Page, and does Meta tell us what happens there?"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import DeliveryFailed, Finding
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.shape import listing, mapping, text

TOKEN: Final = "messenger.token"  # noqa: S105 - the name of a line
PAGE: Final = "messenger.page"
SUBSCRIPTION: Final = "messenger.subscription"
SCOPES: Final = ("pages_messaging", "pages_utility_messaging")
FIELDS: Final = (
    "messages",
    "messaging_postbacks",
    "message_deliveries",
    "message_echoes",
    "message_reads",
    "feed",
)


async def check(graph: Graph, settings: MessengerSettings) -> list[Finding]:
    token, app = await _token(graph, settings)
    return [token, await _page(graph), await _subscription(graph, app)]


async def _token(graph: Graph, settings: MessengerSettings) -> tuple[Finding, str]:
    """And the id of our app, empty where Meta does not say."""
    try:
        answer = await graph.get("debug_token", input_token=settings.access_token.get_secret_value())
    except DeliveryFailed as failure:
        return Finding(TOKEN, ok=False, detail=failure.code), ""
    about = mapping(answer.get("data"))
    given = {text(scope) for scope in listing(about.get("scopes"))}
    missing = [scope for scope in SCOPES if scope not in given]
    if about.get("is_valid") is not True:
        return Finding(TOKEN, ok=False, detail="not_valid"), ""
    return Finding(TOKEN, ok=not missing, detail=_lacks(missing)), text(about.get("app_id"))


async def _page(graph: Graph) -> Finding:
    try:
        about = await graph.get(graph.page_id, fields="id")
    except DeliveryFailed as failure:
        return Finding(PAGE, ok=False, detail=failure.code)
    return Finding(PAGE, ok=text(about.get("id")) == graph.page_id)


async def _subscription(graph: Graph, app_id: str) -> Finding:
    """Of our app; where it is not known which that is, any will do."""
    try:
        subscribed = await graph.get(graph.page_id, "subscribed_apps")
    except DeliveryFailed as failure:
        return Finding(SUBSCRIPTION, ok=False, detail=failure.code)
    apps: list[Mapping[str, Any]] = [mapping(app) for app in listing(subscribed.get("data"))]
    ours = [app for app in apps if app_id in ("", text(app.get("id")))]
    if not ours:
        return Finding(SUBSCRIPTION, ok=False, detail="other_app" if apps else "no_app")
    told = {text(field) for app in ours for field in listing(app.get("subscribed_fields"))}
    missing = [field for field in FIELDS if field not in told]
    return Finding(SUBSCRIPTION, ok=not missing, detail=_lacks(missing))


def _lacks(missing: list[str]) -> str:
    return f"lacks {', '.join(missing)}" if missing else ""
