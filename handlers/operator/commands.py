"""The commands by name, what each does at the desk, and how one is recognised."""

from collections.abc import Mapping
from typing import Final

from aiogram.filters import Command

from office.permissions import Deed

DEEDS: Final[Mapping[str, Deed | None]] = {
    # in the order of /bantuan: the day of a request, then everything around it; None: whoever is bound
    "antrean": Deed.QUEUE,
    "ambil": Deed.TAKE,
    "lihat": Deed.DOSSIER,
    "nik": Deed.NIK,
    "cari": Deed.SEARCH,
    "minta": Deed.DECIDE,
    "label": Deed.DECIDE,
    "lengkap": Deed.DECIDE,
    "proses": Deed.DECIDE,
    "tte": Deed.DECIDE,
    "siap": Deed.SIGN_OFF,
    "terbit": Deed.SIGN_OFF,
    "serah": Deed.HAND_OVER,
    "selesai": Deed.CLOSE,
    "tunda": Deed.DECIDE,
    "lanjut": Deed.DECIDE,
    "tolak": Deed.DECIDE,
    "salah": Deed.DECIDE,
    "kirim": Deed.WRITE,
    "catat": Deed.WRITE,
    "lepas": Deed.TAKE,
    "tanya": Deed.QUESTIONS,
    "jawab": Deed.QUESTIONS,
    "telepon": Deed.CALLS,
    "hak": Deed.RIGHTS,
    "siaran": Deed.BROADCASTS,
    "pengirim": Deed.SENDERS,
    "tahanhapus": Deed.RETAIN,
    "bolehhapus": Deed.RETAIN,
    "keluar": None,
    "bantuan": None,
}
COMMANDS: Final = tuple(DEEDS)
ALSO: Final[Mapping[str, str]] = {"antrian": "antrean", "help": "bantuan", "start": "bantuan"}
BINDING: Final = "masuk"  # the one command that is open to everybody


def called(name: str) -> Command:
    """Matches the command and its other spellings, in any case, with or without the bot's name behind it."""
    return Command(
        name,
        *(other for other, meant in ALSO.items() if meant == name),
        ignore_case=True,
        ignore_mention=True,
    )


def canonical(typed: str) -> str:
    """The name in `COMMANDS` of a command as it was typed."""
    name = typed.lower()
    return ALSO.get(name, name)
