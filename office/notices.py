"""What the office says unasked: named when it is decided, worded when it is delivered.

Facts are JSON-safe and speak no language: a service is its code, a moment an ISO time.  None of them is a
link, a NIK, or a PIN; names are shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bot.notices import Notice, Template, Wording
from bot.outbox import queue_notice
from models.calls import AlertKind
from models.outbox import OutboxMessage, OutboxState, Receipt
from models.requests import HoldReason, Request
from models.staff import StaffBinding
from office import notice_classes, templates, times, village_words
from office.catalogue import Output, Service
from office.check_words import check_word, today
from office.context import office
from office.names import short_name
from office.number import RequestNumber
from office.outgoing import harmless
from office.places import Place, channel_name
from office.quiet_hours import IN_CONVERSATION
from office.words import FIRST, LANGUAGES, exactly, grouped, plain
from office.words import language as spoken

Facts = Mapping[str, Any]
Values = dict[str, str]

NOT_FOR_THE_PAPERS: Final = frozenset(HoldReason) - {HoldReason.OTHER}
"""Reasons to hold a request that have nothing to do with the citizen's papers."""


NOT_PERSONAL: Final = frozenset({"staff-answer", "trouble", "too-fast", "fresh-start", "data-erased"})
"""Sentences that tell nothing of anybody's case: a number that may have new hands hears them too."""


TO_THE_DESK: Final = frozenset(
    {"staff_question", "staff_corrected", "staff_right", "staff_breach", "staff_alerts", "staff_broadcast"}
)
WITHOUT_CHECK: Final = IN_CONVERSATION | TO_THE_DESK | {"broadcast"}
"""What citizens have just asked for, what staff are told, and what has the code amid its words; all else says
at its end by which code it is known."""


async def tell(
    request: Request,
    name: str,
    now: datetime,
    occurrence: int | str,
    *,
    expires_at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Queue a notice about a request, to where it is talked about.  False: it was queued before."""
    return await queue_notice(
        Notice(
            key=f"request:{request.id}:{name}:{occurrence}",
            name=name,
            contact_id=request.contact_id,
            channel=request.channel,
            account=request.account,
            subject=subject_of(request),
            due_at=now,
            expires_at=expires_at or notice_classes.expires(name, now),
            facts={
                "number": request.number,
                "service": request.service,
                "name": short_name(request.subject_name),
                "check": check_word(str(RequestNumber(request.number)), today(now)),
                **facts,
            },
        )
    )


async def tell_staff(
    chat: StaffBinding, name: str, key: str, now: datetime, /, *, subject: str | None = None, **facts: Any
) -> bool:
    """Queue a notice to a chat of the desk; its key is told apart by the chat."""
    return await queue_notice(
        Notice(
            key=f"{key}:{chat.id}",
            name=name,
            contact_id=chat.contact_id,
            channel=chat.channel,
            account=chat.account,
            subject=subject,
            due_at=now,
            facts=facts,
        )
    )


def subject_of(request: Request) -> str:
    """What the outbox calls the request."""
    return f"request:{request.id}"


async def render(name: str, facts: Facts, language: str) -> Wording:
    """A notice in words: its sentence, and the same as a template where it has one.  A `bot.notices.Render`.

    Raises: KeyError for a name that nobody tells.
    """
    language = language if language in LANGUAGES else FIRST
    sentence, values = NOTICES[name](facts, language)
    offered = {
        plain(label, language, **dict(*about)): data for label, data, *about in facts.get("choices", ())
    }
    text = exactly(f"notice-{sentence}", language, **values)
    if name not in WITHOUT_CHECK:
        values["check"] = _check(facts)
        text = f"{text}\n{exactly('notice-check', language, check=values['check'])}"
    return Wording(
        text=text,
        template=_template(sentence, values, language),
        choices=offered or None,
        personal=sentence not in NOT_PERSONAL,
    )


def state_word(message: OutboxMessage, language: str | None = None) -> str:
    """What became of a message: antre, terkirim, sampai, dibaca, gagal, tidak diketahui, …"""
    return plain(f"delivery-{_state(message)}", language)


def mask(target: str) -> str:
    """An e-mail address or telephone number of which only its owner sees that it is theirs."""
    name, at, domain = target.strip().rpartition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    digits = [c for c in target if c.isdigit()]
    return "••••" + "".join(digits[-3:])


def hold_words(reason: HoldReason, detail: str | None, language: str | None = None) -> str:
    """Why a request is on hold, as its citizen is told; ``detail`` in the operator's words."""
    words = detail or ""
    if reason is not HoldReason.OTHER:
        words = plain(f"hold-{reason.value}", language) + (f" ({words})" if words else "")
    if reason in NOT_FOR_THE_PAPERS:
        words = f"{words} ({plain('hold-not-your-papers', language)})"
    return words


def asked_about(queue: str | None, draft: str | None, language: str | None = None) -> str:
    """Behind who asks: the queue numbers in question, or the service (its code) whose form is filled in."""
    if queue:
        return plain("staff-question-about", language, queue=queue)
    if draft:
        service = office().catalogue.service(draft).short.in_language(language or spoken())
        return plain("staff-question-draft", language, service=service)
    return ""


def _template(sentence: str, values: Values, language: str) -> Template | None:
    template = templates.for_sentence(sentence)
    if template is None:
        return None
    flat = {name: templates.flat(values[name]) for name in template.parameters}
    filled = template.filled(flat, language)
    return Template(name=template.name, language=language, parameters=flat, filled=filled)


def _state(message: OutboxMessage) -> str:
    if message.state is OutboxState.SENT:
        return {Receipt.ARRIVED: "arrived", Receipt.SEEN: "seen", Receipt.FAILED: "failed"}.get(
            message.receipt, "sent"
        )
    return _QUEUE_WORDS[message.state]


_QUEUE_WORDS: Final[Mapping[OutboxState, str]] = {
    OutboxState.QUEUED: "queued",
    OutboxState.CLAIMED: "queued",
    OutboxState.SENDING: "queued",
    OutboxState.FAILED: "failed",
    OutboxState.UNKNOWN: "unknown",
    OutboxState.CANCELLED: "cancelled",
    OutboxState.EXPIRED: "expired",
}


def _check(facts: Facts) -> str:
    """What to type behind ``cek``.  A row from before there were words has the one without a day."""
    number = facts.get("number")
    about = str(RequestNumber(number)) if number else str(facts.get("reference", "T0"))
    return f"{about} {facts.get('check') or check_word(about, None)}"


def _service(facts: Facts) -> Service:
    return office().catalogue.service(facts["service"])


def _outputs(facts: Facts) -> list[Output]:
    return [_service(facts).output(key) for key in facts["outputs"]]


def _about(facts: Facts, language: str) -> Values:
    """What every notice about a request says."""
    return {
        "number": str(RequestNumber(facts["number"])),
        "service": _service(facts).name.in_language(language),
        "name": harmless(facts["name"]),
    }


def _documents(facts: Facts, language: str) -> str:
    return _listed([output.name.in_language(language) for output in _outputs(facts)], language)


def _listed(things: list[str], language: str) -> str:
    """``a``, ``a dan b``, ``a, b, dan c``: each thing once."""
    once = list(dict.fromkeys(things))
    if len(once) < 2:
        return "".join(once)
    last = plain("list-last-of-two" if len(once) == 2 else "list-last", language, last=once[-1])
    return ", ".join(once[:-1]) + last


def _when(iso: str, language: str) -> str:
    return times.when(datetime.fromisoformat(iso), language)


def _pickup(facts: Facts, language: str) -> Values:
    here = office().office
    bring = [text.in_language(language) for output in _outputs(facts) for text in output.bring]
    who = {output.collect_by for output in _outputs(facts) if output.collect_by}
    strictest = min(who, key=_COLLECTORS.index) if who else "same_family"
    return {
        "documents": _documents(facts, language),
        "place": f"{here.pickup_place.in_language(language)}, {here.address.in_language(language)}",
        "hours": times.hours(here.pickup_hours, language),
        "bring": _listed(bring or [plain("bring-identity", language)], language),
        "who": plain(f"collect-{strictest}", language),
    }


_COLLECTORS: Final = ("owner", "same_family", "proxy", "village")


def _needs_correction(facts: Facts, language: str) -> tuple[str, Values]:
    sentence = "needs-correction-page" if facts.get("page") else "needs-correction"
    return sentence, {
        **_about(facts, language),
        "paper": _service(facts).paper(facts["paper"]).name.in_language(language),
        "reason": facts["reason"],
        "until": _when(facts["correct_by"], language),
    }


def _complete(facts: Facts, language: str) -> tuple[str, Values]:
    sla = _service(facts).sla
    if sla.published_days is not None:
        estimate = plain("estimate-days", language, days=sla.published_days)
    elif sla.law_hours is not None:
        estimate = plain("estimate-hours", language, hours=sla.law_hours)
    else:
        estimate = plain("estimate-none", language)
    return "complete", {**_about(facts, language), "estimate": estimate}


def _ready_for_pickup(facts: Facts, language: str) -> tuple[str, Values]:
    return "ready-for-pickup", {**_about(facts, language), **_pickup(facts, language)}


def _reminder(facts: Facts, language: str) -> tuple[str, Values]:
    return "reminder-uncollected", {**_about(facts, language), **_pickup(facts, language)}


def _issued_digital(facts: Facts, language: str) -> tuple[str, Values]:
    target = facts.get("target") or plain("target-registered", language)
    return "issued-digital", {
        **_about(facts, language),
        "documents": _documents(facts, language),
        "target": target,
    }


def _issued_with_note(facts: Facts, language: str) -> tuple[str, Values]:
    (output,) = _outputs(facts)
    note = output.issued_note.in_language(language) if output.issued_note else ""
    return "issued-with-note", {
        **_about(facts, language),
        "documents": _documents(facts, language),
        "note": note,
    }


def _on_hold(facts: Facts, language: str) -> tuple[str, Values]:
    words = hold_words(HoldReason(facts["reason"]), facts["detail"], language)
    return "on-hold", {**_about(facts, language), "reason": words}


def _resumed(facts: Facts, language: str) -> tuple[str, Values]:
    return "resumed", {**_about(facts, language), "state": plain(f"state-{facts['state']}", language)}


def _rejected(facts: Facts, language: str) -> tuple[str, Values]:
    return "rejected", {**_about(facts, language), "reason": facts["reason"]}


def _wrong_office(facts: Facts, language: str) -> tuple[str, Values]:
    here = office().office.regency.in_language(language)
    return "wrong-office", {**_about(facts, language), "regency": facts["regency"], "here": here}


def _collected(facts: Facts, language: str) -> tuple[str, Values]:
    return "collected", {
        **_about(facts, language),
        "documents": _documents(facts, language),
        "when": _when(facts["at"], language),
    }


def _expired(facts: Facts, language: str) -> tuple[str, Values]:
    return "expired", {**_about(facts, language), "until": _when(facts["correct_by"], language)}


def _staff_words(facts: Facts, language: str) -> tuple[str, Values]:
    """About a request, or in answer to a question that belongs to none."""
    values = {"text": facts["text"], "office": office().office.short_name.in_language(language)}
    if facts.get("number") is None:
        return "staff-answer", {**values, "reference": str(facts.get("reference", "T0"))}
    return "staff-words", {**_about(facts, language), **values}


def _staff_question(facts: Facts, language: str) -> tuple[str, Values]:
    return "staff-question", {
        "question": str(facts["question"]),
        "name": harmless(facts["name"]),
        "text": harmless(facts["text"]),
        "about": asked_about(facts.get("queue"), facts.get("draft"), language),
    }


def _staff_right(facts: Facts, language: str) -> tuple[str, Values]:
    """Somebody asked for a right of theirs, or its clock runs out."""
    return f"staff-right-{facts['what']}", {
        "number": str(facts["number"]),
        "right": plain(f"data-right-{facts['right']}", language),
        "name": harmless(facts["name"]),
        "due": _when(facts["due"], language),
    }


def _staff_breach(facts: Facts, language: str) -> tuple[str, Values]:
    due = _when(facts["due"], language)
    return f"staff-breach-{facts['what']}", {"number": str(facts["number"]), "due": due}


def _broadcast(facts: Facts, language: str) -> tuple[str, Values]:
    name = office().office.short_name.in_language(language)
    return "broadcast", {"office": name, "text": facts["text"], "check": _check(facts)}


def _staff_broadcast(facts: Facts, language: str) -> tuple[str, Values]:
    """It has ended: how many of how many have it."""
    counts = ("sent", "failed", "expected", "out_of_reach")
    told = {name: grouped(facts[name], language) for name in counts}
    return "staff-broadcast", {"number": str(facts["number"]), **told}


def _data_erased(facts: Facts, language: str) -> tuple[str, Values]:
    return "data-erased", {
        "office": office().office.short_name.in_language(language),
        "at": _when(facts["at"], language),
    }


def _staff_corrected(facts: Facts, language: str) -> tuple[str, Values]:
    return "staff-corrected", {
        "queue": str(facts["queue"]),
        "service": office().catalogue.service(facts["service"]).short.in_language(language),
    }


def _staff_alerts(facts: Facts, language: str) -> tuple[str, Values]:
    """A line for each kind of trouble, in the order of the sentences."""
    lines = []
    for kind in AlertKind:
        if count := facts["counts"].get(kind.value):
            channels = [channel_name(name, language) for name in facts["channels"].get(kind.value, ())]
            lines.append(
                plain(f"alert-{kind.value}", language, count=count, channels=_listed(channels, language))
            )
    return "staff-alerts", {"lines": "\n".join(lines)}


def _trouble(_: Facts, __: str) -> tuple[str, Values]:
    return "trouble", {}


def _too_fast(_: Facts, __: str) -> tuple[str, Values]:
    return "too-fast", {}


def _place(facts: Facts, language: str) -> Values:
    return {"place": Place.from_facts(facts).words(language)}


def _link_asked(facts: Facts, language: str) -> tuple[str, Values]:
    return "link-asked", _place(facts, language)


def _linked(facts: Facts, language: str) -> tuple[str, Values]:
    return "linked", _place(facts, language)


def _link_refused(facts: Facts, language: str) -> tuple[str, Values]:
    return "link-refused", _place(facts, language)


def _fresh_start(_: Facts, language: str) -> tuple[str, Values]:
    return "fresh-start", {"office": office().office.short_name.in_language(language)}


NOTICES: Final[Mapping[str, Callable[[Facts, str], tuple[str, Values]]]] = {
    # a notice's name -> its sentence's name and the facts in words
    "needs_correction": _needs_correction,
    "complete": _complete,
    "ready_for_pickup": _ready_for_pickup,
    "issued_digital": _issued_digital,
    "issued_with_note": _issued_with_note,
    "on_hold": _on_hold,
    "resumed": _resumed,
    "rejected": _rejected,
    "wrong_office": _wrong_office,
    "collected": _collected,
    "expired": _expired,
    "reminder_uncollected": _reminder,
    "staff_words": _staff_words,
    "staff_question": _staff_question,
    "staff_corrected": _staff_corrected,
    "staff_right": _staff_right,
    "staff_breach": _staff_breach,
    "data_erased": _data_erased,
    "staff_alerts": _staff_alerts,
    "staff_broadcast": _staff_broadcast,
    "broadcast": _broadcast,
    "broadcast_trial": _broadcast,
    "trouble": _trouble,
    "too_fast": _too_fast,
    "link_asked": _link_asked,
    "linked": _linked,
    "link_refused": _link_refused,
    "fresh_start": _fresh_start,
    "village_checked": village_words.checked,
    "village_unfit": village_words.unfit,
    "village_batch": village_words.batch,
}
