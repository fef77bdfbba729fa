"""What ``/antrean`` is narrowed to: a service or a group of them, a place, or both, in either order."""

from typing import Final

from office import villages
from office.context import office
from office.queue import Wanted
from office.refusal import Refusal
from office.villages import Found, KecamatanTyped


class QueueFilterUnknown(Refusal):
    """The words are no service or group and no village or kecamatan.

    Facts: ``typed``, ``village`` (one for an example).
    """


MOST_WORDS: Final = 20


def read(typed: str) -> Wanted:
    """``KTP hilang``, ``Metina``, ``ktp metina``, ``Metina KTP_HILANG``, or nothing.

    Raises: `QueueFilterUnknown`.
    """
    words = typed.split()[:MOST_WORDS]
    if not words:
        return Wanted(None, None)
    for cut in range(len(words), 0, -1):
        front, back = " ".join(words[:cut]), " ".join(words[cut:])
        for service_typed, place_typed in ((front, back), (back, front)):
            services = _services(service_typed) if service_typed else None
            if bool(services) != bool(service_typed):
                continue  # what sounds like a place is looked for long
            places = _places(place_typed) if place_typed else None
            if (places is not None) == bool(place_typed):
                return Wanted(services, places)
    raise QueueFilterUnknown(typed=typed, village=villages.example())


def _services(typed: str) -> frozenset[str] | None:
    catalogue = office().catalogue
    if service := catalogue.find(typed):
        return frozenset({service.code})
    if group := catalogue.find_group(typed):
        return frozenset(service.code for service in catalogue.in_group(group.key))
    return None


def _places(typed: str) -> frozenset[str] | None:
    found = villages.find(typed)
    if isinstance(found, Found):
        return frozenset({found.village.code})
    if isinstance(found, KecamatanTyped):
        return frozenset(village.code for village in found.villages)
    return None
