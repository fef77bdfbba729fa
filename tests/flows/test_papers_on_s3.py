"""The whole path of a paper whose place is a bucket: sealed, read by the operator, gone when it is erased."""

from pathlib import Path

import pytest

from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from bot.stray_files import OURS
from models.files import StoredFile
from models.requests import Paper
from office.tombstones import Tombstones
from scheduler.housekeeping import Housekeeping
from tests.canaries.places import FILES
from tests.fakes import pictures
from tests.flows.counter import open_counter
from tests.flows.steps import comes_to_the_papers, has_everything_erased, said, says
from tests.stores import S3, Bucket


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_paper_comes_lies_sealed_is_read_and_goes(
    database_url: str, tmp_path: Path, bucket: Bucket, s3: S3
) -> None:
    first, second = pictures.jpeg(1), pictures.jpeg(2)
    async with open_counter(database_url, tmp_path, storage_url=bucket.url) as counter:
        ani, maria = await counter.operator("Ani"), counter.citizen()
        await comes_to_the_papers(maria)
        await maria.sends_photo(first)
        await maria.hears(containing="1 dari 2")
        with s3.away():
            await maria.sends_photo(second)
            await says(counter.citizen("Yosefina", "6281200000002"), "halo")  # nobody else waits for it
            assert await StoredFile.all().count() == 1 and maria.heard == []
        await maria.hears(containing="2 dari 2")
        await says(maria, "selesai")
        await maria.taps("KIRIM")
        await maria.hears(containing="sudah diterima")

        lying = bucket.files()
        assert lying.keys() == set(await StoredFile.all().values_list("storage_key", flat=True))
        assert len(lying) == 2 and all(map(OURS.fullmatch, lying))
        assert all(content.startswith(b"LKT1") for content in lying.values())
        assert not [key for key, content in lying.items() if FILES.found_in(content)]

        await ani.says("/ambil 1")
        shown = [one.media for one in await ani.receives(2)]
        assert all(map(pictures.same, shown, (first, second)))

        await says(ani, "/tolak 1 bukan milik pemohon")
        await maria.hears(containing="bukan milik pemohon")
        await has_everything_erased(maria)
        await said(counter)
        papers = SealedStorage(Storage.open(bucket.url))
        await Housekeeping(papers, Tombstones(tmp_path))(counter.clock())
        assert bucket.files() == {}
        assert await Paper.all().count() == 2  # that there were two, the rows still know
