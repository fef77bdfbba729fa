"""What any channel has to do, whatever its platform: one suite, driven by the capability sheets.

`checks`     what is asked, a function each
`subject`    what a channel's tests hand in: its pretend provider, a person's phone, the door
`bench`      the core, running in front of the channel
`mutations`  one handled behaviour taken away each: the suite has to notice
"""

import pytest

# plain functions in modules of their own, whose assertions speak all the same, whoever imports them first
pytest.register_assert_rewrite("tests.conformance.checks", "tests.conformance.bench")
