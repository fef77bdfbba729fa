"""The search itself: a canary that cannot be found guards nothing."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.canaries import leaks
from tests.canaries.places import FILES
from tests.canaries.plugin import OUTSIDE
from tests.canaries.sieve import Sieve
from tests.canaries.words import NAMES, TELEPHONE, TOKENS
from tests.flows.counter import APP_SECRET
from tests.flows.steps import NIK
from tests.postgres import RUN_FOLDER

ROOT = Path(__file__).parents[2]
WORDS = (NIK, TELEPHONE, *NAMES, *TOKENS, APP_SECRET)


@settings(max_examples=30)
@given(st.binary(max_size=40), st.lists(st.sampled_from([b"abcdefg", b"bcdefghi", b"\0a\0b\0c\0d", b"abcd"])))
def test_the_sieve_finds_what_stands_there(before: bytes, pieces: list[bytes]) -> None:
    words = {b"abcdefg", b"bcdefghi", b"\0a\0b\0c\0d", b"defgabcd"}
    content = before + b"".join(pieces)
    assert Sieve(words).found_in(content) == {word for word in words if word in content}


@settings(max_examples=30)
@given(st.sampled_from(WORDS), st.binary(max_size=9), st.binary(max_size=9))
def test_each_is_found_however_it_is_written(word: str, before: bytes, behind: bytes) -> None:
    plain = before + word.encode() + behind
    sent_as = (
        plain, base64.b64encode(plain), base64.urlsafe_b64encode(plain), plain.hex().encode(),
        plain.hex().upper().encode(), quote(plain).encode(), before + word.encode("utf-16-le") + behind,
        before + word.encode("utf-16-be") + behind,
    )  # fmt: skip
    assert all(FILES.found_in(content) for content in sent_as)


def test_numbers_are_found_with_what_people_write_between() -> None:
    for written in (
        "5314 0155 0690 0001", "5314-0155-0690-0001", "53.14.01.550690.0001", "+6281234567890",
        "081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812.3456.7890", "MARIA NDUN", "maria+adoe",
    ):  # fmt: skip
        assert FILES.found_in(written.encode()), written
    assert not FILES.found_in(b"5314015506900002 62812345678 Maria" * 100)


def test_a_test_that_leaves_one_anywhere_fails() -> None:
    """In a run of its own, with a PostgreSQL of its own."""
    alone = {name: told for name, told in os.environ.items() if not name.startswith(("PYTEST", RUN_FOLDER))}
    alone |= {"TMPDIR": os.environ[OUTSIDE], "LOKET_TEST_POSTGRES_URL": ""}
    without = ["-p", "no:xdist", "-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=none"]
    without += ["-o", "python_functions=leaves_*"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *without, leaks.__file__],
        cwd=ROOT, env=alone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    caught = set(re.findall(r"(?m)^ERROR \S+::leaves_(\w+)", run.stdout))
    assert caught == {"in_its_folder", "in_an_open_log", "in_a_temporary_file", "in_what_it_prints"} | {
        "in_a_database_that_is_gone"  # the last one: it also bears what is found at the end
    }
    at_the_end = re.search(r"AssertionError: canaries in clear\n(?:E .*\n)+", run.stdout)
    assert at_the_end is not None
    assert "/book" in at_the_end[0]
    assert re.search(
        r"FAILED canary in clear on PostgreSQL: \S+/canaries\.in\.\w{24}: .*maria ndun", run.stdout
    )
    assert run.returncode == 1
