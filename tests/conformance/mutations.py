"""Handled behaviours, each taken away, and the check that has to notice.

A mutation names what it replaces by path, so that one whose target has moved fails loudly instead of proving
nothing.
"""

from __future__ import annotations

import html

from bot.channels.base import Fault
from tests.conformance import changes
from tests.conformance.mutation import Mutation

WHATSAPP, TELEGRAM = "bot.channels.whatsapp", "bot.channels.telegram"
MESSENGER = "bot.channels.messenger"
WEBCHAT, SMS = "bot.channels.webchat", "bot.channels.sms"


MUTATIONS = [
    # doors
    Mutation(
        "whatsapp",
        "bot.channels.meta.is_genuine",
        changes.always(True),
        "a_body_that_a_stranger_signed_is_turned_away",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.routes.is_one_of",
        changes.always(True),
        "a_body_without_a_signature_is_turned_away",
    ),
    Mutation(
        "sms",
        f"{SMS}.adapter.is_signed",
        changes.always(True),
        "a_body_that_a_stranger_signed_is_turned_away",
    ),
    Mutation(
        "whatsapp",
        "bot.channels.meta.secrets_in",
        lambda original: lambda setting: original(setting)[:1],
        "the_new_secret_and_the_old_one_are_both_good",
    ),
    Mutation(
        "whatsapp",
        "bot.channels.meta.is_genuine",
        changes.parsed_first,
        "a_body_that_was_written_anew_on_the_way_is_turned_away",
    ),
    Mutation("webchat", "bot.headers.from_our_page", changes.always(True), "nobody_can_speak_for_another"),
    Mutation(
        "webchat",
        f"{WEBCHAT}.reader.Reader.offered",
        changes.asynchronous(True),
        "nobody_can_speak_for_another",
    ),
    Mutation(
        "sms",
        "bot.channels.base.MalformedBody",
        changes.instead(KeyError),
        "json_that_means_nothing_is_taken_and_nothing_is_made_up",
    ),
    Mutation(
        "messenger",
        "bot.channels.meta.is_genuine",
        changes.always(True),
        "a_body_that_a_stranger_signed_is_turned_away",
    ),
    # what people do
    Mutation(
        "messenger",
        f"{MESSENGER}.adapter.MessengerAdapter.read",
        changes.never_the_same,
        "a_message_delivered_again_is_one",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.adapter.WhatsAppAdapter.read",
        changes.never_the_same,
        "a_message_delivered_again_is_one",
    ),
    Mutation(
        "sms",
        f"{SMS}.adapter.Sms.read",
        changes.never_the_same,
        "a_message_delivered_five_times_at_once_is_one",
    ),
    Mutation(
        "webchat",
        f"{WEBCHAT}.adapter.WebChat.read",
        changes.never_the_same,
        "a_message_delivered_again_is_one",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.reading.is_ourselves",
        changes.always(False),
        "our_own_words_come_back_unanswered",
    ),
    Mutation("telegram", f"{TELEGRAM}.inbound._whose", changes.anybody, "our_own_words_come_back_unanswered"),
    Mutation(
        "sms",
        f"{SMS}.adapter.Sms._person",
        lambda _: lambda self, part: part.get("phoneNumber") or "+6281",
        "our_own_words_come_back_unanswered",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.inbound.update",
        changes.as_a_new_message,
        "a_corrected_message_is_no_new_one",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.inbound._largest",
        changes.instead(changes.first_size),
        "a_photo_arrives_byte_by_byte",
    ),
    Mutation(
        "whatsapp", "bot.lanes.Lanes._gather", changes.instead(changes.one_by_one), "an_album_is_one_step"
    ),
    Mutation(
        "whatsapp",
        "bot.intake.LARGEST",
        changes.instead(10**9),
        "a_file_that_is_too_big_is_refused_and_nothing_breaks",
    ),
    Mutation(
        "sms", f"{SMS}.adapter.Sms.update", changes.always(None), "what_nobody_can_read_is_kept_and_answered"
    ),
    # what goes out
    Mutation(
        "webchat",
        f"{WEBCHAT}.html._words",
        changes.instead(lambda text, inside: html.unescape(text)),
        "a_name_cannot_become_markup",
    ),
    Mutation(
        "webchat",
        f"{WEBCHAT}.html.safe",
        changes.instead(lambda text: text),
        "markup_that_was_not_escaped_costs_no_words",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.saying.to_whatsapp",
        changes.instead(lambda text, *_: text),
        "markup_is_shown_or_left_out_but_never_read_aloud",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.session._simpler",
        changes.always(None),
        "markup_that_was_not_escaped_costs_no_words",
    ),
    Mutation("webchat", "bot.outbox.pieces", changes.instead(changes.head_only), "a_long_text_loses_no_line"),
    Mutation("sms", f"{SMS}.session.parts", changes.instead(changes.first_part), "a_long_text_loses_no_line"),
    Mutation(
        "sms",
        f"{SMS}.session.SmsSession.degree",
        changes.instead(changes.all_native),
        "the_sheet_names_the_files_that_go_out_as_such",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.session.WhatsAppSession.degree",
        changes.instead(changes.all_native),
        "an_edit_changes_the_message_or_says_it_anew",
    ),
    # keyboards
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.titles",
        changes.instead(changes.repeated_titles),
        "equal_labels_are_told_apart",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.encode",
        changes.instead(changes.unnumbered),
        "equal_labels_are_told_apart",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.encode",
        changes.instead(changes.bare_data),
        "data_that_cannot_be_printed_comes_back_as_it_was",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.numbered",
        changes.always(""),
        "thirty_choices_are_offered_and_the_last_is_taken",
    ),
    Mutation(
        "sms",
        "bot.channels.plain_text.numbered",
        changes.always(""),
        "three_choices_are_offered_and_one_is_taken",
    ),
    Mutation(
        "webchat",
        "bot.choices.overfull",
        changes.always(False),
        "sixty_five_bytes_of_data_are_refused_everywhere",
    ),
    Mutation(
        "sms",
        "bot.handling.as_tap",
        changes.instead(lambda update, shown, **_: update),
        "what_is_typed_counts_as_a_tap",
    ),
    Mutation(
        "sms",
        "bot.typed.meant",
        changes.instead(changes.by_first_letters),
        "a_number_that_was_not_offered_is_only_a_text",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.adapter.WhatsAppAdapter.replied_to",
        changes.always(None),
        "an_old_keyboard_still_means_what_it_said",
    ),
    Mutation(
        "messenger",
        f"{MESSENGER}.compose.numbered",
        changes.always(""),
        "thirty_choices_are_offered_and_the_last_is_taken",
    ),
    # trouble
    Mutation(
        "whatsapp",
        "bot.outcomes.failed",
        changes.impatient,
        "a_throttled_message_waits_as_long_as_it_is_told",
    ),
    Mutation(
        "sms",
        f"{SMS}.session.seconds",
        changes.always(None),
        "a_throttled_message_waits_as_long_as_it_is_told",
    ),
    Mutation(
        "sms",
        f"{SMS}.session.FAULTS",
        changes.instead({}),
        "a_refused_token_holds_the_channel_and_loses_nothing",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.session.failure_of",
        changes.with_fault(Fault.GIVE_UP),
        "a_provider_that_is_down_is_asked_again",
    ),
    Mutation(
        "telegram",
        f"{TELEGRAM}.session.is_repeatable",
        changes.always(True),
        "a_message_that_may_have_arrived_is_never_shown_twice",
    ),
    Mutation(
        "sms",
        f"{SMS}.session.hashlib",
        changes.instead(changes.by_chance),
        "a_message_that_may_have_arrived_is_never_shown_twice",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.graph.by_answer",
        changes.with_fault(Fault.GIVE_UP),
        "who_has_blocked_us_is_left_alone_until_they_write",
    ),
    Mutation(
        "whatsapp",
        "bot.wording._window_is_open",
        changes.always(True),
        "once_the_window_is_closed_a_notice_goes_as_its_template",
    ),
    Mutation(
        "messenger",
        "bot.wording._window_is_open",
        changes.always(True),
        "once_the_window_is_closed_a_notice_goes_as_its_template",
    ),
    # receipts
    Mutation(
        "whatsapp",
        "bot.receipts._raise_to",
        changes.instead(changes.the_last_word_counts),
        "receipts_only_ever_rise_in_whatever_order_they_come",
    ),
    Mutation(
        "sms", f"{SMS}.adapter.Sms.receipts", changes.always(()), "what_failed_later_is_known_to_have_failed"
    ),
]
