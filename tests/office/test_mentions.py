"""A person's name is looked for as it is written, whatever it is written with."""

import pytest

from office.mentions import _search


@pytest.mark.parametrize("name", ["Maria (Ani", "Maria .*", "M[aria] Ndun", "Maria Ndun+", "Maria\\ Ndun"])
def test_signs_in_a_name_are_no_pattern(name: str) -> None:
    mentions = _search({name}, set())
    assert mentions(f"KTP {name} sudah siap")
    assert not mentions("KTP Maria Yohana Anita sudah siap")
