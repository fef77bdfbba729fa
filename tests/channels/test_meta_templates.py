"""What Meta lists of our templates, and how many people we may write to first."""

import pytest
from aiohttp import ClientSession

from bot.channels.base import DeliveryFailed, HasTemplates, HasTier
from bot.channels.messenger.adapter import MessengerAdapter
from tests.channels import office
from tests.fakes import FakeGraph, FakeMessenger
from tests.fakes.messenger_templates import UtilityTemplate


async def test_all_pages_with_the_variables_of_each_body(graph: FakeGraph, http: ClientSession) -> None:
    for n in range(230):
        graph.register_template(f"kabar_{n}", "Kabar {{number}} dari kantor untuk {{name}} hari ini.")
    graph.register_template("nomor", "Kabar {{1}} dari kantor untuk {{2}} hari ini.", category="MARKETING")
    graph.templates["kabar_7", "id"].status = "PAUSED"
    adapter = office.whatsapp(graph, http)
    assert isinstance(adapter, HasTemplates)
    listed = {one.name: one for one in await adapter.templates()}
    assert len(listed) == 231
    assert listed["kabar_229"].parameters == ("number", "name")
    assert (listed["nomor"].parameters, listed["nomor"].category) == (("1", "2"), "MARKETING")
    assert (listed["kabar_7"].status, listed["kabar_8"].status) == ("PAUSED", "APPROVED")


async def test_a_page_has_its_own(page: FakeMessenger, messenger: MessengerAdapter) -> None:
    page.templates["kabar", "id"] = UtilityTemplate("kabar", "Kabar {{1}} dari kantor.", samples=["x"])
    assert isinstance(messenger, HasTemplates)
    (one,) = await messenger.templates()
    assert (one.name, one.language, one.category, one.parameters) == ("kabar", "id", "UTILITY", ("1",))


@pytest.mark.parametrize(
    ("told", "limit"), [("TIER_250", 250), ("TIER_100K", 100_000), ("TIER_UNLIMITED", None), ("TIER_9", None)]
)
async def test_the_tier(graph: FakeGraph, http: ClientSession, told: str, limit: int | None) -> None:
    graph.messaging_limit = told
    adapter = office.whatsapp(graph, http)
    assert isinstance(adapter, HasTier)
    assert await adapter.tier() == limit


async def test_a_token_that_may_not_ask_is_a_failure_with_a_code(
    graph: FakeGraph, http: ClientSession
) -> None:
    adapter = office.whatsapp(graph, http)
    graph.access_token = "another"
    for ask in (adapter.templates, adapter.tier):
        with pytest.raises(DeliveryFailed) as refused:
            await ask()
        assert refused.value.code == "190"
