"""The checks are plain functions in modules of their own; their assertions speak all the same."""

import pytest

pytest.register_assert_rewrite("tests.conformance.checks", "tests.conformance.bench")
