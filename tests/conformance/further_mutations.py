"""Further behaviours, each taken away: what people send, who they are, what goes out and what comes back."""

from __future__ import annotations

from bot.channels import updates
from bot.channels.base import AddressKey, Caps
from tests.conformance import changes
from tests.conformance.changes import always, instead
from tests.conformance.mutation import Mutation

WHATSAPP, TELEGRAM = "bot.channels.whatsapp", "bot.channels.telegram"
MESSENGER, WEBCHAT, SMS = "bot.channels.messenger", "bot.channels.webchat", "bot.channels.sms"
NOBODY = {"context": {"message_id": "wamid.nobody"}}


FURTHER = [
    # doors
    Mutation("whatsapp", "bot.jsontext.loads", always({}), "what_is_no_json_is_a_bad_request"),
    Mutation("sms", "bot.service.LARGEST_BODY", instead(2**24), "a_body_over_four_megabytes_is_too_big"),
    # what people do, and who they are
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.senders.keys",
        changes.by_phone_alone,
        "somebody_who_shows_no_number_is_answered",
    ),
    Mutation(
        "messenger",
        f"{MESSENGER}.reading.person",
        always((AddressKey("psid", "1"),)),
        "people_are_told_apart",
    ),
    Mutation("whatsapp", f"{WHATSAPP}.reading.external_id", always("same"), "equal_words_said_twice_are_two"),
    Mutation("sms", "bot.channels.updates.clean", instead(changes.first_line), "a_text_arrives_whole"),
    Mutation(
        "whatsapp", "bot.channels.updates._named", instead(updates._file), "a_document_arrives_with_its_name"
    ),
    Mutation("whatsapp", f"{WHATSAPP}.content.MEDIA_KINDS", instead(("image",)), "a_voice_message_arrives"),
    Mutation("messenger", f"{MESSENGER}.content.kind_of", changes.blind_to("sticker"), "a_sticker_arrives"),
    Mutation("whatsapp", f"{WHATSAPP}.content._degrees", always(None), "a_place_arrives"),
    Mutation("whatsapp", f"{WHATSAPP}.content.is_vouched", always(True), "a_card_arrives"),
    Mutation("messenger", f"{MESSENGER}.inbound.update", changes.as_words, "a_reaction_is_no_message"),
    # keyboards
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.MAX_ROWS",
        instead(3),
        "ten_choices_are_offered_and_the_last_is_taken",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.titles",
        instead(changes.uncut),
        "long_labels_lose_no_choice",
    ),
    Mutation(
        "messenger", "bot.channels.keyboard.MAX_DATA", instead(63), "sixty_four_bytes_of_data_are_taken"
    ),
    Mutation(
        "whatsapp",
        "bot.step.Step.shows",
        changes.unless_empty,
        "a_number_means_nothing_once_other_words_were_said",
    ),
    Mutation(
        "messenger",
        f"{MESSENGER}.adapter.MessengerAdapter.read",
        changes.never_the_same,
        "a_tap_delivered_again_is_one",
    ),
    Mutation("whatsapp", f"{WHATSAPP}.compose.linked", always(""), "a_link_can_be_followed"),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.encode",
        instead(changes.about_nothing),
        "a_key_of_a_reply_keyboard_says_its_label",
    ),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.compose.encode",
        instead(changes.about_nothing),
        "choices_under_a_photo_can_be_taken",
    ),
    Mutation(
        "whatsapp",
        "bot.outbox.OutboxSession._in_answer",
        changes.asynchronous(True),
        "words_that_answer_a_tap_are_shown_where_they_can_be_and_else_said",
    ),
    Mutation(
        "webchat",
        "bot.history._toast",
        always(None),
        "words_that_answer_a_tap_are_shown_where_they_can_be_and_else_said",
    ),
    # what goes out
    Mutation("whatsapp", f"{WHATSAPP}.pictures.fits", always(False), "a_photo_goes_out_byte_by_byte"),
    Mutation("whatsapp", "bot.outbox.CAPTIONED", instead(()), "a_caption_that_is_too_long_loses_no_line"),
    Mutation(
        "messenger",
        f"{MESSENGER}.saying.held_file",
        changes.under_another_name,
        "a_document_goes_out_byte_by_byte",
    ),
    Mutation(
        "whatsapp", f"{WHATSAPP}.saying.held_file", changes.another_file, "a_file_that_came_in_goes_out_again"
    ),
    Mutation("whatsapp", "bot.outbox.single_sends", changes.only_the_first, "an_album_goes_out_whole"),
    Mutation(
        "sms",
        "bot.outbox.OutboxSession._degree",
        instead(changes.all_native),
        "what_the_channel_has_nothing_like_is_refused_before_anything_is_written",
    ),
    Mutation("webchat", f"{WEBCHAT}.session._COSMETIC", instead(()), "a_typing_mark_costs_nothing"),
    Mutation("sms", "bot.channels.plain_text._COSMETIC", instead(()), "a_deletion_is_done_or_passed_over"),
    Mutation(
        "whatsapp",
        f"{WHATSAPP}.session._quote",
        always(NOBODY),
        "a_quote_names_the_message_that_it_answers",
    ),
    Mutation(
        "telegram",
        "bot.outbox.OutboxSession._owner",
        instead(changes.whoever_came_last),
        "one_person_is_never_told_what_another_is",
    ),
    Mutation("sms", f"{SMS}.adapter.Sms.caps", instead(Caps()), "the_sheet_is_whole"),
    # windows and receipts
    Mutation(
        "whatsapp", "bot.wording._window_is_open", always(False), "a_notice_soon_after_goes_in_free_words"
    ),
    Mutation(
        "webchat",
        "bot.wording._window_is_open",
        always(False),
        "without_a_window_free_words_go_at_any_time",
    ),
    Mutation(
        "messenger",
        "bot.wording._window_is_open",
        always(True),
        "once_the_window_is_closed_a_notice_without_template_says_so",
    ),
    Mutation(
        "whatsapp", "bot.directory.heard", changes.never_open, "a_window_opens_again_with_the_next_word"
    ),
    Mutation(
        "whatsapp",
        "bot.receipts._raise_to",
        instead(changes.failed_all_the_same),
        "what_has_arrived_does_not_fail_afterwards",
    ),
    Mutation(
        "whatsapp",
        "bot.receipts._known",
        instead(changes.any_message),
        "a_word_on_a_message_that_is_not_ours_changes_nothing",
    ),
]
