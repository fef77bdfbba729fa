"""Messages as the Send API takes them: the object ``message`` of a call.

Source: Meta, Messenger Platform, "Send a Message", 5 May 2026; "Button template", 22 Apr 2026; "Quick
Replies"; "Send a utility message", 13 Mar 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from bot.channels.keyboard import Choice, linked, numbered, tappable, titles
from bot.channels.messenger import payloads
from bot.channels.messenger.caps import (
    BUTTON_TEXT_LIMIT,
    MAX_BUTTONS,
    MAX_QUICK_REPLIES,
    MAX_TITLE,
    MAX_URL,
    TEXT_LIMIT,
)
from bot.choices import visible

Part = dict[str, Any]
LEFT_FOR_CHOICES: Final = TEXT_LIMIT // 2  # of a single message, where choices are numbered lines


def texts(words: str, offered: Sequence[Choice], tag: str, *, single: bool = False) -> list[Part]:
    """The text, in as few messages as hold it; whatever there is to tap stands under the last.

    Buttons where three at most show whole, quick replies up to thirteen, beyond that numbered lines to type.
    ``single``: one message only, whose words are cut.
    Raises: CallbackDataTooLong.
    """
    if offered and fit_buttons(offered) and len(words) <= BUTTON_TEXT_LIMIT:
        return [_buttons(words, offered, tag)]
    taps = tappable(offered)
    lines = _lines(offered)
    whole = _single(words, lines) if single else "\n\n".join(filter(None, [words.strip(), lines]))
    *first, last = _split(whole)
    replies = _quick_replies(taps, tag) if len(taps) <= MAX_QUICK_REPLIES else {}
    if taps and not linked(offered) and fit_buttons(taps) and len(last) <= BUTTON_TEXT_LIMIT:
        return [*({"text": part} for part in first), _buttons(last, taps, tag)]
    return [*({"text": part} for part in first), {"text": last, **replies}]


def files(given: Sequence[Part], words: str, offered: Sequence[Choice], tag: str) -> list[Part]:
    """One file, or pictures sent together, and what is written about them: a file has no caption here.

    What can be tapped stands under the file, below the words; without it the words come last.
    Raises: CallbackDataTooLong.
    """
    shown: Part = {"attachment": given[0]} if len(given) == 1 else {"attachments": list(given)}
    taps = tappable(offered)
    if words.strip() and not 0 < len(taps) <= MAX_QUICK_REPLIES:
        return [shown, *texts(words, offered, tag)]
    told = "\n\n".join(filter(None, [words.strip(), _lines(offered)]))
    said = texts(told, (), tag) if told else []
    under = len(taps) <= MAX_QUICK_REPLIES
    return [*said, shown | _quick_replies(taps, tag)] if under else [shown, *said]


def _lines(offered: Sequence[Choice]) -> str:
    """Choices that have to be read: links, and what shows neither whole nor at all as a quick reply."""
    taps = tappable(offered)
    choices = "" if _fit_quick_replies(taps) else numbered(taps, LEFT_FOR_CHOICES)
    return "\n\n".join(filter(None, [linked(offered), choices]))


def file(kind: str, payload: Part) -> Part:
    """An attachment; ``payload`` is its ``attachment_id`` or ``url``."""
    return {"type": kind, "payload": payload}


def template(name: str, language: str, parameters: Mapping[str, str]) -> Part:
    """A utility message.  Its variables are numbered in the order of ours; a value goes in as one line."""
    values = [{"type": "text", "text": " ".join(value.split()) or "–"} for value in parameters.values()]
    whole: Part = {"template_type": "utility_messages", "name": name, "language": {"code": language}}
    if values:
        whole["components"] = [{"type": "body", "parameters": values}]
    return {"attachment": {"type": "template", "payload": whole}}


def fit_buttons(offered: Sequence[Choice]) -> bool:
    """Whether these show whole as buttons.  A link's label may be cut: it only names the page."""
    return len(offered) <= MAX_BUTTONS and all(
        _opens(choice.url) if choice.url is not None else _is_short(choice) for choice in offered
    )


def fit_taps(offered: Sequence[Choice]) -> bool:
    """Whether all that can be tapped shows as buttons or quick replies of one message, and whole."""
    taps = tappable(offered)
    return fit_buttons(offered) or (_fit_quick_replies(taps) and not linked(offered))


def _fit_quick_replies(taps: Sequence[Choice]) -> bool:
    return len(taps) <= MAX_QUICK_REPLIES and all(map(_is_short, taps))


def _is_short(choice: Choice) -> bool:
    return len(visible(choice.label)) <= MAX_TITLE


def _opens(url: str) -> bool:
    """Whether Messenger takes it as an address."""
    try:
        link = urlsplit(url)
    except ValueError:
        return False
    whole = len(url) <= MAX_URL and not any(sign.isspace() for sign in url)
    return whole and link.scheme in ("http", "https") and bool(link.hostname)


def _buttons(words: str, offered: Sequence[Choice], tag: str) -> Part:
    labels = titles([choice.label for choice in offered], MAX_TITLE)
    numbers = iter(range(1, len(offered) + 1))
    buttons = [
        {"type": "web_url", "title": label, "url": choice.url}
        if choice.url is not None
        else {"type": "postback", "title": label, "payload": payloads.write(tag, next(numbers), choice)}
        for choice, label in zip(offered, labels, strict=True)
    ]
    payload = {"template_type": "button", "text": words, "buttons": buttons}
    return {"attachment": {"type": "template", "payload": payload}}


def _quick_replies(taps: Sequence[Choice], tag: str) -> Part:
    labels = titles([choice.label for choice in taps], MAX_TITLE)
    replies = [
        {"content_type": "text", "title": label, "payload": payloads.write(tag, number, choice)}
        for number, (choice, label) in enumerate(zip(taps, labels, strict=True), start=1)
    ]
    return {"quick_replies": replies} if replies else {}


def _single(words: str, lines: str) -> str:
    """The words and the lines below them in one message; the words give way first."""
    room = TEXT_LIMIT - (len(lines) + 2 if lines else 0)
    said = words.strip()
    if len(said) > max(room, 0):
        said = said[: max(room - 1, 0)].rstrip() + "…"
    return cut_off("\n\n".join(filter(None, [said, lines])))


def cut_off(words: str) -> str:
    return words if len(words) <= TEXT_LIMIT else words[: TEXT_LIMIT - 1].rstrip() + "…"


def _split(words: str) -> list[str]:
    """In parts that a message holds, cut at a line's end or between words in the second half of each."""
    return list(_parts(words)) or [words]


def _parts(words: str) -> Iterator[str]:
    rest = words.strip()
    while rest:
        places = (rest.rfind(sign, TEXT_LIMIT // 2, TEXT_LIMIT) for sign in ("\n", " "))
        whole = len(rest) <= TEXT_LIMIT
        at = len(rest) if whole else next((place for place in places if place > 0), TEXT_LIMIT)
        yield rest[:at].rstrip()
        rest = rest[at:].strip()
