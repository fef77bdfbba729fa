"""No file without a row for long, and no row without its file, whenever we die, in a folder and on S3."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from bot import stray_files
from bot.directory import Directory
from bot.inbox import Inbox
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.database import close_database, open_database
from models.files import StoredFile
from models.keys import PaperKey
from tests.core.channel import ACCOUNT, Clock, arrival
from tests.fakes import pictures
from tests.faults.orphans import take_in
from tests.forked import forked
from tests.stores import Place, environment


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_killed_between_the_file_and_its_row_it_comes_again_and_the_first_is_swept(
    database_url: str, place: Place
) -> None:
    await open_database(database_url)
    await Inbox(Directory(1), Clock()).store("whatsapp", ACCOUNT, [arrival("m", files=["photo"], text="")])
    await close_database()

    dies = {**environment(place), "FAILPOINT": "media.kept:1"}
    assert await forked(take_in, database_url, place.url, dies) == -signal.SIGKILL
    [orphan] = place.files()
    assert await forked(take_in, database_url, place.url, environment(place)) == 0
    assert len(place.files()) == 2

    await open_database(database_url)
    try:
        [row] = await StoredFile.all()
        papers = SealedStorage(Storage.open(place.url))
        assert await papers.get(str(row.storage_key)) == pictures.jpeg(1)
        hour = timedelta(hours=1)
        assert [count async for count in stray_files.sweep(papers, datetime.now(UTC) - hour)] == [0]
        assert sum([count async for count in stray_files.sweep(papers, datetime.now(UTC) + hour)]) == 1
        assert place.files().keys() == {row.storage_key} != {orphan}
        assert await PaperKey.all().values_list("storage_key", flat=True) == [row.storage_key]
    finally:
        await close_database()
