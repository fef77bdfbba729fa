"""The commands of a village head by name, and what each does."""

from collections.abc import Mapping
from typing import Final

from office.permissions import Deed

DEEDS: Final[Mapping[str, Deed | None]] = {
    "desa": Deed.VILLAGE,
    "usul": Deed.VILLAGE,
    "keluar": None,  # whoever is bound
}
