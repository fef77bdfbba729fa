from datetime import timedelta

from handlers.operator.commands import COMMANDS
from models.staff import Role
from office import staff
from office.permissions import AWAKE
from office.tries import MOST_TRIES
from tests.handlers.counter import NOW, UNKNOWN, Counter

BAD = "Kode itu tidak berlaku. Mohon minta kode baru kepada admin kantor."


async def test_a_code_makes_a_chat_a_staff_chat(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    assert "Selamat bekerja, <b>Ani</b>" in ani.heard
    await ani.says("/antrean")
    assert ani.heard.startswith("Antrean kosong.")


async def test_a_code_is_read_in_any_case_and_spacing(counter: Counter) -> None:
    _, code = await staff.add("Ani", Role.OPERATOR, NOW)
    ani = await counter.person()
    await ani.says(f"/MASUK {code.lower().replace('-', ' ')}")
    assert "Ani" in ani.heard


async def test_every_bad_code_is_answered_alike(counter: Counter) -> None:
    _, used = await staff.add("Ani", Role.OPERATOR, NOW)
    await (await counter.person()).says(f"/masuk {used}")
    _, old = await staff.add("Budi", Role.OPERATOR, NOW - timedelta(days=2))
    stranger = await counter.person()
    for typed in (f"/masuk {used}", f"/masuk {old}", "/masuk AAAAA-AAAAA-AAAAA", "/masuk"):
        await stranger.says(typed)
        assert stranger.heard == BAD


async def test_wrong_codes_are_counted_although_they_are_refused(counter: Counter) -> None:
    _, code = await staff.add("Ani", Role.OPERATOR, NOW)
    guesser = await counter.person()
    for guess in range(MOST_TRIES):
        await guesser.says(f"/masuk {guess}")
    await guesser.says(f"/masuk {code}")
    assert guesser.heard == BAD
    counter.now += timedelta(hours=1)
    _, code = await staff.renew_code("Ani", counter.now)
    await guesser.says(f"/masuk {code}")
    assert "Selamat bekerja" in guesser.heard


async def test_a_citizens_operator_command_is_an_unknown_command(counter: Counter) -> None:
    await counter.request()
    citizen = await counter.person()
    for name in COMMANDS:
        await citizen.says(f"/{name} 1")
        assert citizen.heard == UNKNOWN, name


async def test_a_removed_operator_is_a_citizen_again(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    await staff.remove("Ani", NOW)
    await ani.says("/antrean")
    assert ani.heard == UNKNOWN


async def test_a_group_gets_nothing_from_the_desk(counter: Counter) -> None:
    _, code = await staff.add("Budi", Role.OPERATOR, NOW)
    ani = await counter.operator("Ani")
    await ani.says("/antrean", chat="group")
    assert ani.heard == UNKNOWN
    await ani.says(f"/masuk {code}", chat="supergroup")
    assert ani.heard == UNKNOWN


async def test_leaving_makes_the_chat_a_citizens(counter: Counter) -> None:
    ani = await counter.operator()
    await ani.says("/keluar")
    assert ani.heard.startswith("Percakapan ini bukan lagi percakapan petugas.")
    await ani.says("/antrean")
    assert ani.heard == UNKNOWN


async def test_a_village_head_is_no_operator(counter: Counter) -> None:
    _, code = await staff.add("Bapak Kepala", Role.VILLAGE_HEAD, NOW, village_code="53.14.11.2001")
    head = await counter.person()
    await head.says(f"/masuk {code}")
    assert head.heard.startswith("Selamat datang, Bapak/Ibu Kepala Desa.")
    for command in ("/antrean", "/bantuan"):
        await head.says(command)
        assert head.heard == UNKNOWN


async def test_a_village_head_leaves_also_while_the_chat_is_asleep(counter: Counter) -> None:
    _, code = await staff.add("Bapak Kepala", Role.VILLAGE_HEAD, NOW, village_code="53.14.11.2001")
    head = await counter.person()
    await head.says(f"/masuk {code}")
    counter.now += AWAKE
    await head.says("/keluar")
    assert head.heard.startswith("Percakapan ini bukan lagi percakapan desa.")
    await head.says("/desa")
    assert head.heard == UNKNOWN


async def test_other_words_of_staff_go_to_nobody_and_are_pointed_to_help(counter: Counter) -> None:
    ani = await counter.operator()
    for text in ("halo", "/apa", "1", None):
        await ani.says(text)
        assert "Ketik /bantuan" in ani.heard
        assert "tidak dikirim kepada siapa pun" in ani.heard


async def test_staff_change_their_language_like_everybody(counter: Counter) -> None:
    ani = await counter.operator()
    await ani.says("Bahasa")
    assert ani.heard == UNKNOWN  # the citizens' router, which knows the word in the real one
