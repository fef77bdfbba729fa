"""Photos that come together are one step: all kept, each once, one answer."""

import hashlib

from models.files import StoredFile
from models.requests import Paper
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import comes_to_the_papers


async def test_six_shuffled_photos_with_two_duplicates_are_six_papers_and_one_answer(
    counter: Counter,
) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen, service="kk baru")
    photos = [pictures.jpeg(seed) for seed in range(6)]

    statuses = await citizen.sends_album(photos, shuffle=7, twice=[1, 4])
    await citizen.hears(containing="berkas")
    await counter.core.lanes.settled()

    assert statuses == [200] * 8
    assert len(citizen.heard) == 1
    held = {file.sent_sha256 for file in await StoredFile.all()}
    assert held == {hashlib.sha256(photo).hexdigest() for photo in photos}
    assert await Paper.all().count() == 6
