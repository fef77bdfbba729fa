"""Whatever JSON comes: reading it names the fault or makes events, and no event breaks the translator.

Real bodies with a few places changed are the business of `tests.fuzz`.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels import office
from tests.channels.readings import check_messenger, check_telegram, check_whatsapp

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "\x00", "\ud800", "1697043223", "ID.1", "text", "image", "private"])
)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(any_json)
def test_whatsapp_reads_any_json(payload: Any) -> None:
    check_whatsapp(payload)


@given(any_json)
def test_messenger_reads_any_json(payload: Any) -> None:
    check_messenger(payload)


@given(any_json, st.sampled_from(["message", "message_edit", "postback", "reaction", "delivery", "read"]))
def test_messenger_reads_any_item(part: Any, kind: str) -> None:
    item = {"sender": {"id": "7411"}, "timestamp": 1764000000000, kind: part}
    check_messenger({"entry": [{"id": office.PAGE_ID, "messaging": [item]}]})


@given(any_json)
def test_telegram_reads_any_json(payload: Any) -> None:
    check_telegram(payload)


@given(any_json, st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll"]))
def test_telegram_reads_any_update(part: Any, kind: str) -> None:
    check_telegram({"update_id": 1, kind: part})


@pytest.mark.parametrize("depth", [100, 400])
def test_deep_nesting_is_no_trouble(depth: int) -> None:
    deep: Any = []
    for _ in range(depth):
        deep = [deep]
    check_whatsapp(
        {"entry": [{"changes": [{"value": {"messages": [{"id": "1", "from": "628", "text": deep}]}}]}]}
    )
    check_telegram({"update_id": 1, "message": {"text": deep}})
    item = {"sender": {"id": "7411"}, "message": {"mid": "m_1", "attachments": deep}}
    check_messenger({"entry": [{"id": office.PAGE_ID, "messaging": [item]}]})
