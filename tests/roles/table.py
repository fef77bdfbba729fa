"""Who may do what, written down a second time by hand: the product's own table is held against it."""

from typing import Final

from models.staff import Role

CITIZEN: Final = "citizen"
ROLES: Final = (CITIZEN, *(role.value for role in Role))

_TABLE: Final = """
          operator verifier supervisor head admin auditor village_head citizen
antrean      x        x         x       x     .      .         .          .
ambil        x        .         x       x     .      .         .          .
lihat        x        x         x       x     .      .         .          .
nik          x        x         x       x     .      .         .          .
cari         x        x         x       x     .      .         .          .
minta        x        .         x       x     .      .         .          .
label        x        .         x       x     .      .         .          .
lengkap      x        .         x       x     .      .         .          .
proses       x        .         x       x     .      .         .          .
tte          x        .         x       x     .      .         .          .
siap         x        x         x       x     .      .         .          .
terbit       x        x         x       x     .      .         .          .
serah        x        .         x       x     .      .         .          .
selesai      x        .         x       x     .      .         .          .
tunda        x        .         x       x     .      .         .          .
lanjut       x        .         x       x     .      .         .          .
tolak        x        .         x       x     .      .         .          .
salah        x        .         x       x     .      .         .          .
kirim        x        .         x       x     .      .         .          .
catat        x        .         x       x     .      .         .          .
lepas        x        .         x       x     .      .         .          .
tanya        x        .         x       x     .      .         .          .
jawab        x        .         x       x     .      .         .          .
telepon      x        .         x       x     .      .         .          .
hak          x        .         x       x     .      .         .          .
siaran       x        x         x       x     .      .         .          .
pengirim     .        .         x       x     .      .         .          .
tahanhapus   .        .         x       x     .      .         .          .
bolehhapus   .        .         x       x     .      .         .          .
keluar       x        x         x       x     x      x         x          .
bantuan      x        x         x       x     x      x         .          .
"""

_HEAD, *_LINES = [line.split() for line in _TABLE.strip().splitlines()]

MAY: Final = {
    (line[0], role): cell == "x" for line in _LINES for role, cell in zip(_HEAD, line[1:], strict=True)
}
COMMANDS: Final = tuple(line[0] for line in _LINES)
FOR_EVERYBODY: Final = ("keluar", "bantuan")

# Whose the request is, seen by whoever gives the command -> what they are told, if the role may at all
MINE, COLLEAGUES, NOBODYS, OWN_MATTER, UNKNOWN = (
    "mine",
    "a colleague's",
    "nobody's",
    "their own matter",
    "none",
)
OWNERSHIP: Final = (MINE, COLLEAGUES, NOBODYS, OWN_MATTER, UNKNOWN)

_BY_THE_OWNER: Final = {
    MINE: "done", COLLEAGUES: "NotYours", NOBODYS: "NotTaken", OWN_MATTER: "OwnMatter", UNKNOWN: "unknown"
}  # fmt: skip
_BY_ANYBODY: Final = {
    MINE: "done", COLLEAGUES: "done", NOBODYS: "done", OWN_MATTER: "OwnMatter", UNKNOWN: "unknown"
}  # fmt: skip
_TAKING: Final = _BY_ANYBODY | {COLLEAGUES: "TakenBy"}
_OWN_WORK: Final = {MINE: "SecondPersonNeeded"}  # there is a verifier

ABOUT_NO_REQUEST: Final = (
    *("antrean", "cari", "tanya", "jawab", "telepon", "hak", "siaran", "pengirim", "keluar", "bantuan"),
)

SECOND: Final = ("verifier", "supervisor", "head")


BROADCASTS: Final = {
    # writes one; lets somebody else's go
    "operator": (True, False),
    "verifier": (False, True),
    "supervisor": (True, True),
    "head": (True, True),
}


def expected(command: str, role: str, ownership: str) -> str:
    """``unknown command``, ``NotAllowed``, or what becomes of it."""
    if role == CITIZEN or (role == Role.VILLAGE_HEAD and not MAY[command, role]):
        return "unknown command"
    if not MAY[command, role]:
        return "NotAllowed"
    match command:
        case "siap" | "terbit":
            others = _BY_ANYBODY if role in SECOND else _BY_THE_OWNER
            return (others | _OWN_WORK)[ownership]
        case "nik" if role in SECOND:
            return _BY_ANYBODY[ownership]
        case "ambil":
            return _TAKING[ownership]
        case "lihat" | "serah" | "tahanhapus" | "bolehhapus":
            return _BY_ANYBODY[ownership]
    return "done" if command in ABOUT_NO_REQUEST else _BY_THE_OWNER[ownership]


def cells() -> list[tuple[str, str, str]]:
    """Command, role, and whose request it is; where a command is about none, that makes no difference."""
    return [
        (command, role, ownership)
        for command in COMMANDS
        for role in ROLES
        for ownership in (OWNERSHIP[:1] if command in ABOUT_NO_REQUEST else OWNERSHIP)
    ]


# What is a village's: to anybody else an unknown command, or a word that goes to nobody.
VILLAGE: Final = ("desa", "usul")  # … besides ``keluar``

# Pages of the console behind the sign-in.  Who may not is answered as where there is no page at all.
_CONSOLE: Final = """
method path                        operator verifier supervisor head admin auditor
GET    /                               x        x         x       x     x      x
POST   /keluar                         x        x         x       x     x      x
GET    /bukti                          x        x         x       x     x      x
POST   /bukti                          x        x         x       x     x      x
GET    /saya                           x        x         x       x     x      x
POST   /saya/kode                      x        x         x       x     x      x
POST   /saya/sesi/{session}            x        x         x       x     x      x
POST   /saya/percakapan/{chat}         x        x         x       x     x      x
GET    /saya/sandi                     x        x         x       x     x      x
POST   /saya/sandi                     x        x         x       x     x      x
GET    /hak                            x        .         x       x     .      .
GET    /hak/{key}                      x        .         x       x     .      .
POST   /hak/{key}/catat                x        .         x       x     .      .
POST   /hak/{key}/ambil                x        .         x       x     .      .
POST   /hak/{key}/jawab                x        .         x       x     .      .
POST   /hak/{key}/tolak                x        .         x       x     .      .
POST   /hak/{key}/buka                 x        .         x       x     .      .
POST   /hak/{key}/perbaiki             x        .         x       x     .      .
POST   /hak/{key}/nik                  x        .         x       x     .      .
GET    /hak/{key}/salinan              x        .         x       x     .      .
POST   /hak/{key}/salinan              x        .         x       x     .      .
GET    /hak/{key}/hapus                x        .         x       x     .      .
POST   /hak/{key}/hapus                x        .         x       x     .      .
GET    /jejak                          .        .         .       x     .      x
POST   /jejak/periksa                  .        .         .       x     .      x
GET    /jejak/salinan                  .        .         .       x     .      x
POST   /jejak/salinan                  .        .         .       x     .      x
GET    /pelanggaran                    .        .         x       x     .      x
GET    /pelanggaran/{number}/{to}      .        .         x       x     .      x
"""

(_, _, *_WHO), *_PAGES = [line.split() for line in _CONSOLE.strip().splitlines()]

CONSOLE: Final = {
    (method, path.rstrip("/")): {role: cell == "x" for role, cell in zip(_WHO, cells, strict=True)}
    for method, path, *cells in _PAGES
}
