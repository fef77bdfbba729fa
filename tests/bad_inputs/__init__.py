"""The sixty bad inputs of the design, each sent to the office as it runs."""

import pytest

MODULES = ("at_the_doors", "of_words", "of_files", "of_people", "on_the_web", "town")
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in MODULES))
