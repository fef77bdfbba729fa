"""Faults 17, 18 and 23: twice, out of order, at the same moment, and what cannot be fetched."""

import asyncio
import random
from collections import Counter

from tests.fakes import pictures
from tests.faults.town import Town
from tests.flows.steps import comes_to_the_papers, says
from tests.migrations.outside import query


async def test_three_times_each_and_shuffled_it_has_one_effect(town: Town) -> None:
    """Fault 17."""
    await town.serves()
    people = [town.on_whatsapp(1), town.on_telegram(2), town.on_messenger(3)]
    for person in people:
        await says(person, "halo")
    await town.comes_to_rest()
    server_was = town.url
    town.leads_to("http://127.0.0.1:9")  # the providers hold everything back
    for person in people:
        for n in range(8):
            await person.says(f"kabar {n}")
        person.not_taken *= 3
        random.Random(17).shuffle(person.not_taken)
    town.leads_to(server_was)
    await town.comes_to_rest()
    heard = await query(town.database_url, "SELECT channel FROM inbox WHERE kind = 'message'")
    assert Counter(channel for (channel,) in heard) == {"whatsapp": 9, "telegram": 9, "messenger": 9}
    for person in people:
        assert len(person.messages) == 9
    assert await town.holds() == []


async def test_five_photos_and_a_double_tap_at_one_moment_are_one_request(town: Town) -> None:
    """Fault 18."""
    await town.serves()
    maria = town.on_whatsapp(1)
    await comes_to_the_papers(maria, service="kk baru")
    await maria.sends_album([pictures.jpeg(n) for n in range(5)], shuffle=5, twice=(0, 3))
    await maria.hears(containing="berkas")
    await town.comes_to_rest()
    assert await query(town.database_url, "SELECT count(*) FROM papers") == [(5,)]
    await says(maria, "selesai")
    await asyncio.gather(*(maria.taps("KIRIM", older=True) for _ in range(2)))
    await town.comes_to_rest()
    handed_in = await query(town.database_url, "SELECT state FROM requests")
    assert handed_in in ([("submitted",)], [("draft",)])  # a draft that still lacks a paper stays one
    submitted = "SELECT count(*) FROM journal WHERE after = 'submitted'"
    assert (await query(town.database_url, submitted))[0][0] <= 1
    assert await town.holds() == []


async def test_a_photo_that_is_gone_is_asked_for_again_and_the_request_goes_on(town: Town) -> None:
    """Fault 23."""
    await town.serves()
    maria = town.on_whatsapp(1)
    await comes_to_the_papers(maria)
    here = town.url
    town.leads_to("http://127.0.0.1:9")
    await maria.sends_photo(pictures.jpeg(1))
    town.graph.media.clear()  # it came late: Meta has thrown the photo away
    town.leads_to(here)
    await town.providers_come_again()
    await maria.hears()
    await town.comes_to_rest()
    assert await query(town.database_url, "SELECT state, problem FROM files") == [("refused", "gone")]
    assert len(maria.heard) == 1
    await maria.sends_photo(pictures.jpeg(2))
    await maria.hears(containing="1 dari 2")
    assert await town.holds() == []
