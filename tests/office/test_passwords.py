"""Which passwords may be chosen, and that one is checked as it was typed."""

from datetime import UTC, datetime

import pytest

from models.staff import Role, Staff
from office import passwords
from office.context import open_office
from office.passwords import PasswordCommon, PasswordTellsWhose, PasswordTooLong, PasswordTooShort
from office.refusal import Refusal

MARLIN = Staff(
    name="Marlin Lay", role=Role.OPERATOR, office_id=5314, created_at=datetime(2026, 11, 24, tzinfo=UTC)
)


@pytest.fixture(autouse=True)
def an_office() -> None:
    open_office()


@pytest.mark.parametrize(
    "password",
    [
        "lontar tua di Oeseli",
        "839201748562",
        "ñandú ñandú — 海",
        "~!@#$%^&*()_+",
        "Ålesund" * 2,
        "kuda laut " * 12,
    ],
)
def test_whatever_is_long_and_nobodys_first_guess_is_taken(password: str) -> None:
    passwords.check(password, password, MARLIN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("sebelas1234"[:11], PasswordTooShort),
        ("x1" * 64 + "y", PasswordTooLong),
        ("Password1234", PasswordCommon),
        ("123456789012", PasswordCommon),
        ("RahasiaRahasia", PasswordCommon),
        ("aaaaaaaaaaaaaa", PasswordCommon),
        ("qwertyuiopas", PasswordCommon),
        ("2026!!bismillah", PasswordCommon),
        ("1q2w3e4r5t6y", PasswordCommon),
        ("buku si MARLIN", PasswordTellsWhose),
        ("punya disdukcapil", PasswordTellsWhose),
        ("di depan Loket 7", PasswordTellsWhose),
    ],
)
def test_what_others_would_guess_is_not(password: str, why: type[Refusal]) -> None:
    with pytest.raises(why):
        passwords.check(password, password, MARLIN)


async def test_it_lies_as_argon2id_and_fits_as_it_was_typed() -> None:
    held = await passwords.hash_of("Lontar tua di Café")
    assert held.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert held != await passwords.hash_of("Lontar tua di Café")
    assert await passwords.fits(held, "Lontar tua di Café")
    for other in ("lontar tua di café", "Lontar tua di Café ", "Lontar tua di Caf", ""):
        assert not await passwords.fits(held, other)
    assert not await passwords.fits(None, "")
    older = held.replace("m=19456", "m=8192")
    assert passwords.is_outdated(older) and not passwords.is_outdated(held)
    assert not await passwords.fits("no hash at all", "")
