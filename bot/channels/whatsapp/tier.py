"""How many people a day we may write to first.

Source: Meta, WhatsApp Business Platform, "Messaging limits", read 2026-11: of the whole portfolio.
"""

from collections.abc import Mapping
from typing import Final

from bot.channels.shape import text
from bot.channels.whatsapp.graph import Graph

FIELD: Final = "whatsapp_business_manager_messaging_limit"
TIERS: Final[Mapping[str, int]] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}


async def tier(graph: Graph, phone_number_id: str) -> int | None:
    """None where there is no limit, or none that we know.  Raises: DeliveryFailed."""
    about = await graph.get(phone_number_id, fields=FIELD)
    return TIERS.get(text(about.get(FIELD)))
