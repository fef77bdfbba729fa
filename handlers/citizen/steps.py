"""The steps of the form, and the one place that decides which is next."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

from aiogram.fsm.state import State, StatesGroup

from models.requests import Request
from office.catalogue import Service, Who
from office.context import office
from office.papers import checklist
from office.requests import service_of

Identity = Literal["chat", "form", "operator"]  # where the NIK comes from: the channel's setting


class Step(StrEnum):
    PRIVACY = "privacy"
    WHOM = "whom"
    RELATION = "relation"
    NAME = "name"
    SAME = "same"
    NIK = "nik"
    NIK_CHECK = "nik-check"
    VILLAGE = "village"
    PAPERS = "papers"
    CONFIRM = "confirm"


class Form(StatesGroup):
    """Where in the form a conversation stands."""

    privacy = State()
    whom = State()
    relation = State()
    name = State()
    same = State()  # a request like this one is under way: is it meant?
    nik = State()
    nik_check = State()  # an unusual NIK: is it right?
    village = State()
    papers = State()
    confirm = State()


class Choosing(StatesGroup):
    """A service is being chosen."""

    apply = State()
    needs = State()


class Talk(StatesGroup):
    """The next words go to a person."""

    words = State()
    complaint = State()
    correction = State()  # of our data, from their words
    report = State()  # of a message that seems not to be ours


class Asking(StatesGroup):
    number = State()


STATES: Final[Mapping[Step, State]] = {
    Step.PRIVACY: Form.privacy,
    Step.WHOM: Form.whom,
    Step.RELATION: Form.relation,
    Step.NAME: Form.name,
    Step.SAME: Form.same,
    Step.NIK: Form.nik,
    Step.NIK_CHECK: Form.nik_check,
    Step.VILLAGE: Form.village,
    Step.PAPERS: Form.papers,
    Step.CONFIRM: Form.confirm,
}

RELATIONS: Final[Mapping[str, str]] = {
    # as the row keeps it and the desk reads it -> the sentence that says it
    "suami/istri": "spouse",
    "anak": "child",
    "orang tua": "parent",
    "saudara": "sibling",
    "lainnya": "other",
}

_OTHERS_ONLY: Final = frozenset(
    {Who.PARENT, Who.BOTH_PARENTS, Who.GUARDIAN, Who.HEIR, Who.RELATIVE, Who.REPORTER, Who.NEIGHBOURHOOD_HEAD}
)


def may_be_for_oneself(service: Service) -> bool:
    """False where the document is about somebody else by nature: a child's card, a death."""
    return not set(service.who_may_apply.who) <= _OTHERS_ONLY


def asks_nik(identity: Identity) -> bool:
    """Whether the citizen gives the NIK; else staff read it from a paper.

    A form page needs an address of ours.
    """
    return identity == "chat" or (identity == "form" and office().public_url is not None)


async def next_step(request: Request, identity: Identity, wish: Step | None = None) -> Step:
    """What the draft lacks first.

    Only the row decides, so a form goes on where it was left, on any day, after any tap.  ``wish`` is a step
    the citizen wants to see again; it counts once nothing is lacking any more.  The checks of an answer
    (`Step.SAME`, `Step.NIK_CHECK`) are no steps that a row could lack.
    """
    service = service_of(request)
    lacks = (
        (Step.PRIVACY, request.privacy_accepted_at is None),
        (Step.WHOM, request.for_self is None and may_be_for_oneself(service)),
        (Step.RELATION, not request.for_self and request.relation is None),
        (Step.NAME, request.subject_name is None),
        (Step.NIK, service.needs_nik and request.nik_source is None and asks_nik(identity)),
        (Step.VILLAGE, request.village_code is None),
        (Step.PAPERS, bool((await checklist(request)).missing)),
    )
    return next((step for step, lacking in lacks if lacking), wish or Step.CONFIRM)
