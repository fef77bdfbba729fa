"""Who was erased is written down outside the database, once, and means nobody else."""

from datetime import timedelta
from pathlib import Path

from bot.joining import join
from models.contacts import Contact
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from models.retention import Tombstone
from office import erasure
from office.tombstones import NAME, Tombstones
from scheduler.ticks import tick
from tests.office.world import NOW, World, act


async def test_each_process_writes_down_what_any_of_them_did_and_once(world: World, tmp_path: Path) -> None:
    one, other = Tombstones(tmp_path / "."), Tombstones(_made(tmp_path / "elsewhere"))
    for name in ("Maria", "Yos"):
        contact = await world.citizen(name)
        await act(lambda contact=contact: erasure.erase(contact, NOW))  # type: ignore[misc]
        assert (await one.keep(), await one.keep(), await other.keep()) == (1, 0, 1)
    assert await Tombstones(tmp_path).keep() == 0  # after a restart
    text = (tmp_path / NAME).read_text()
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    assert len(one.read()) == len(other.read()) == text.count("\n") == 2
    assert "Maria" not in text and "Yos" not in text


async def test_a_line_that_was_cut_off_is_written_again_on_a_line_of_its_own(
    world: World, tmp_path: Path
) -> None:
    contact = await world.citizen()
    await act(lambda: erasure.erase(contact, NOW))
    await Tombstones(tmp_path).keep()
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:-9])
    assert await Tombstones(tmp_path).keep() == 1
    assert [stone.contact for stone in Tombstones(tmp_path).read()] == [contact.id]


async def test_a_namesake_of_another_database_is_left_alone(world: World, tmp_path: Path) -> None:
    contact = await world.citizen("Maria")
    await act(lambda: erasure.erase(contact, NOW))
    await Tombstones(tmp_path).keep()
    await Tombstone.all().delete()  # as in a copy that knows nothing of it …
    born = NOW + timedelta(seconds=1)
    contact.created_at = born  # … and has somebody else under that number
    yos = contact.sealed(name="Yos", erased_at=None, merged_into=None, created_at=born)
    await Contact.filter(id=contact.id).update(**yos)
    said = {"channel": "whatsapp", "account": "1", "kind": OutboxKind.REPLY, "name": "sendMessage"}
    await OutboxMessage.create(
        office_id=contact.office_id, contact_id=contact.id, payload='{"text": "Halo Yos"}',
        state=OutboxState.SENT, due_at=NOW, created_at=NOW, **said,
    )  # fmt: skip
    assert await Tombstones(tmp_path).heed(NOW) == 0
    await tick(NOW + timedelta(seconds=15))
    assert (await OutboxMessage.get()).payload == '{"text": "Halo Yos"}'
    assert (await Contact.get(id=contact.id)).name == "Yos"
    assert await Tombstone.all().count() == 1


async def test_who_was_two_before_is_erased_twice(world: World, tmp_path: Path) -> None:
    """A copy from before their chats were joined has both."""
    one, other = await world.citizen("Maria"), await world.citizen("Maria Tungga")
    await act(lambda: join(one.id, other.id))
    await act(lambda: erasure.erase(other, NOW))
    await Tombstones(tmp_path).keep()
    await Tombstone.all().delete()
    for contact in (one, other):
        before = contact.sealed(name=contact.name, erased_at=None, merged_into=None)
        await Contact.filter(id=contact.id).update(**before)
    assert await Tombstones(tmp_path).heed(NOW) == 2
    assert await Contact.exclude(name="").count() == 0


async def test_a_copy_that_has_the_person_erases_them_once(world: World, tmp_path: Path) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    contact = await Contact.get(id=request.contact_id)
    row = {"office": contact.office_id, "contact": contact.id, "born": contact.created_at.isoformat()}
    line = str({**row, "at": NOW.isoformat()}).replace("'", '"')
    (tmp_path / NAME).write_text(f"not json\n{line}\n{line}\n")
    assert [await Tombstones(tmp_path).heed(NOW) for _ in range(2)] == [1, 0]
    again = await Contact.get(id=contact.id)
    assert (again.name, again.erased_at) == ("", NOW)
    await request.refresh_from_db()
    assert (request.subject_name, request.state.value) == (None, "closed")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
