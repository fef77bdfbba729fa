"""How the office says no: `office.refusal`."""

from __future__ import annotations

from office.refusal import Refusal


class TooLate(Refusal):
    """A refusal of this test."""


class MuchTooLate(TooLate):
    """A refusal of a refusal."""


def test_the_code_is_the_classs_own_name() -> None:
    assert (TooLate.code, MuchTooLate.code, MuchTooLate().code) == ("TooLate", "MuchTooLate", "MuchTooLate")


def test_facts_are_carried_and_never_printed() -> None:
    refusal = TooLate(name="Maria", days=3)
    assert refusal.facts == {"name": "Maria", "days": 3}
    assert "Maria" not in f"{refusal} {refusal!r}"
    assert str(refusal) == "TooLate"
