"""The commands by name, and how one is recognised."""

from collections.abc import Mapping
from typing import Final

from aiogram.filters import Command

COMMANDS: Final = (  # in the order of /bantuan: the day of a request, then everything around it
    "antrean",
    "ambil",
    "lihat",
    "nik",
    "minta",
    "label",
    "lengkap",
    "proses",
    "tte",
    "siap",
    "terbit",
    "serah",
    "selesai",
    "tunda",
    "lanjut",
    "tolak",
    "salah",
    "kirim",
    "catat",
    "lepas",
    "tanya",
    "jawab",
    "telepon",
    "hak",
    "tahanhapus",
    "bolehhapus",
    "keluar",
    "bantuan",
)
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
