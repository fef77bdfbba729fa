"""What a person does with each bot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.foreign import sdists


@dataclass(frozen=True, slots=True)
class Step:
    """``says`` words, ``taps`` a label, ``edits`` the last words; ``photo``, ``document``: with a caption."""

    does: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.does} {self.words}".strip()


@dataclass(frozen=True, slots=True)
class Script:
    """A bot as `host` names it, the folder below the archive, and the steps."""

    bot: str
    place: str  # examples, multi_file_bot, docs, ours
    steps: tuple[Step, ...]

    @property
    def folder(self) -> Path:
        if self.place == "docs":
            return sdists.dialogs()
        if self.place == "ours":
            return sdists.ROOT
        return sdists.examples() / self.place

    @property
    def title(self) -> str:
        return self.bot.removeprefix("tests.foreign.dialogs:")


def _steps(text: str) -> tuple[Step, ...]:
    """``/start · [Yes] · edit: words · photo: words``."""
    return tuple(_step(part.strip()) for part in text.split("·"))


def _step(part: str) -> Step:
    if part.startswith("["):
        return Step("taps", part[1:-1])
    kind, colon, words = part.partition(": ")
    return Step(kind, words) if colon and kind in ("edits", "photo", "document") else Step("says", part)


def _example(bot: str, steps: str, place: str = "") -> Script:
    return Script(bot, place, _steps(steps))


def _dialog(name: str, steps: str) -> Script:
    return Script(f"tests.foreign.dialogs:{name}", "ours", _steps(steps))


EXAMPLES = (
    _example("echo_bot", "/start · halo · <b>1 & 2</b> · photo: di rumah · document: surat"),
    _example(
        "finite_state_machine",
        "hm · /start · Maria · [Yes] · Python · /start · Ani · [No] · /start · Budi · maybe · cancel · "
        "/start · Bu <Ros> & Co · yes · Go",
    ),
    _example(
        "quiz_scene",
        "/start · /quiz · [Paris] · [Paris] · [🔙 Back] · [Madrid] · [Berlin] · [London] · [Rome] · /quiz · "
        "photo: what · [🚫 Exit] · /start",
    ),
    _example(
        "scene:main",
        "hi · [Demo] · Maria · maybe · [Yes] · Python · /demo · [Go to form] · Ani · [🔙 Back] · Ani · [No] "
        "· /demo · [Go to form] · [❌ Cancel]",
    ),
    _example("own_filter", "hello · bye"),
    _example("context_addition_from_filter:router", "hello · bye · HELLO"),
    _example("error_handling:dp", "/age · /age 12 · /age old · /name · /name Maria · else"),
    _example("specify_updates:main", "/start · [Tap me, bro] · else · edits: again"),
    _example("bot:main", "/start · halo · photo: di rumah", place="multi_file_bot"),
)
DIALOGS = (
    Script("quickstart.summary", "docs", _steps("/start · [Useless button] · [Useless button]")),
    _dialog("switch", "/start · [To second] · [Next] · [Back] · [Back]"),
    _dialog("start", "/start · [Start 1] · /start · [Start 2]"),
    _dialog("done", "/start · [Start 1] · [Close] · [Start 1]"),
    _dialog("text_format", "/start"),
    _dialog("case", "/start"),
    _dialog("text_input", "/start · Indonesia · old · 30 · more"),
    _dialog("message_input", "/start · text · document: surat"),
    _dialog("passing_data", "/start · [Next window] · [Back]"),
    _dialog("list_group", "/start · [Find products] · [Back]"),
    _dialog("jinja", "/start"),
    _dialog("hiding", "/start · [Admin mode]"),
    _dialog("link_preview", "/start"),
    _dialog("multi", "/start"),
    _dialog("button", "/start · [Go] · [Go]"),
    _dialog("row", "/start · [Go] · [Run] · [Fly]"),
    _dialog("checkbox", "/start · [✓  Checked] · [Unchecked]"),
    _dialog("radio", "/start · [⚪️ Pear] · [⚪️ Apple]"),
    _dialog("multiselect", "/start · [Apple] · [Pear] · [✓ Apple]"),
    _dialog("select", "/start · [Apple (1/4)] · [Banana (4/4)]"),
    _dialog("scrolling", "/start · [7] · [>] · [40]"),
    _dialog("calendar", "/start · [15] · [🔍] · [28]"),
    _dialog("group", "/start · [Fly]"),
    _dialog("group_width", "/start · [Teleport] · 2"),
    _dialog("column", "/start · [Run]"),
    _dialog("url", "/start"),
)
SCRIPTS = (*EXAMPLES, *DIALOGS)
