"""What ``/antrean`` is narrowed to: a service, a place, or both, in either order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from office import villages
from office.catalogue import Service
from office.context import office
from office.queue import QueueLine
from office.refusal import Refusal
from office.villages import Found, KecamatanTyped


class QueueFilterUnknown(Refusal):
    """The words are no service and no village or kecamatan.  Facts: ``typed``."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """``places``: village codes; None where any will do."""

    service: Service | None = None
    places: frozenset[str] | None = None

    @classmethod
    def parse(cls, typed: str) -> "QueueFilter":
        """``KTP hilang``, ``Metina``, ``ktp hilang metina``, ``Metina KTP_HILANG``, or nothing.

        Raises: `QueueFilterUnknown`.
        """
        words = typed.split()[:MOST_WORDS]
        for cut in range(len(words), -1, -1):
            front, back = " ".join(words[:cut]), " ".join(words[cut:])
            for service_typed, place_typed in ((front, back), (back, front)):
                service = office().catalogue.find(service_typed) if service_typed else None
                places = _places(place_typed) if place_typed else None
                if bool(service) == bool(service_typed) and (places is not None) == bool(place_typed):
                    return cls(service, places)
        raise QueueFilterUnknown(typed=typed)

    def of(self, lines: Sequence[QueueLine]) -> list[QueueLine]:
        """The lines from these places."""
        if self.places is None:
            return list(lines)
        return [line for line in lines if line.village and line.village.code in self.places]


MOST_WORDS: Final = 20


def _places(typed: str) -> frozenset[str] | None:
    found = villages.find(typed)
    if isinstance(found, Found):
        return frozenset({found.village.code})
    if isinstance(found, KecamatanTyped):
        return frozenset(village.code for village in found.villages)
    return None
