"""What a broadcast may say: whole sentences, within their frame, in one message."""

import pytest

from models.database import transaction
from models.staff import Role
from office import broadcasts
from office.broadcast_words import LONGEST, VariableUnfilled, words_for_everybody
from office.outgoing import AsksForMoney, AsksForSecret, LeadsElsewhere
from office.refusal import Refusal
from office.staff_words import ReasonNeeded, TooLongForOneMessage
from tests.office.world import NOW, World

BLANKS = {
    "Yth. {nama}, kantor tutup": "{nama}",
    "Yth. {{1}}": "{{1}}",
    "Yth. {nama": "{nama",
    "tutup} pukul 11": "}",
    "Halo $nama": "$nama",
    "Halo ${warga}": "${warga}",
    "Halo <nama warga>": "<nama warga>",
    "Tanggal [isi tanggal]": "[isi tanggal]",
    "Halo %s": "%s",
    "Halo %(nama)s": "%(nama)s",
    "Halo %NAMA%": "%NAMA%",
    "Pukul ____ WITA": "____",
    "Pukul ..... WITA": ".....",
    "Pukul …. WITA": "….",
    "Pukul …… WITA": "……",
}


@pytest.mark.parametrize(("typed", "blank"), BLANKS.items())
def test_a_blank_is_refused_and_named(typed: str, blank: str) -> None:
    with pytest.raises(VariableUnfilled) as refused:
        words_for_everybody(typed)
    assert refused.value.facts == {"words": blank}


@pytest.mark.parametrize(
    "typed",
    (
        "Kantor tutup Jumat (27/11), buka lagi Senin...",
        "Pelayanan gratis 100%, tidak dipungut biaya. Rp 0!",
        "Mohon tunggu… kami segera kembali. Suhu < 30 derajat & cerah.",
        "Waspada: kami tidak pernah meminta kode OTP, PIN, atau uang.",
        "Jangan berikan PIN kepada siapa pun yang mengaku petugas Dukcapil.",
    ),
)
async def test_what_an_office_says_passes_and_is_shown_whole(world: World, typed: str) -> None:
    ani = await world.operator()
    written = await transaction(lambda: broadcasts.draft(typed, ani, NOW))
    assert written.text == typed


@pytest.mark.parametrize(
    ("typed", "refusal"),
    (
        ("!?", ReasonNeeded),
        ("\u200b \n", ReasonNeeded),
        ("a" * (LONGEST + 1), TooLongForOneMessage),
        ("Unduh aplikasi di bit.ly/ikd", LeadsElsewhere),
        ("Mohon kirim kode OTP ke nomor ini", AsksForSecret),
        ("Transfer Rp 50.000 ke rekening ini", AsksForMoney),
    ),
)
async def test_what_no_message_says_no_broadcast_says(
    world: World, typed: str, refusal: type[Refusal]
) -> None:
    ani = await world.operator()
    with pytest.raises(refusal):
        await transaction(lambda: broadcasts.draft(typed, ani, NOW))
    assert await broadcasts.latest(ani) == []


def test_lines_are_kept_and_blanks_are_not() -> None:
    assert words_for_everybody("  Satu  dua \n\n\n\n tiga\t \n") == "Satu dua\n\ntiga"
    assert len(words_for_everybody("a" * LONGEST)) == LONGEST


async def test_a_number_is_not_used_up_by_what_was_refused(world: World) -> None:
    head = await world.operator("Kepala", Role.HEAD)
    with pytest.raises(VariableUnfilled):
        await transaction(lambda: broadcasts.draft("Halo {nama}", head, NOW))
    written = await transaction(lambda: broadcasts.draft("Halo semua", head, NOW))
    assert written.number == 1
