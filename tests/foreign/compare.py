"""The same steps with the plain bot on Telegram and with the hosted one on each channel, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes import FakeBotApi, FakeGraph, FakeMessenger, Sent, pictures
from tests.flows.counter import TestClock
from tests.foreign.running import Hosted, Plain
from tests.foreign.scripts import Script, Step
from tests.messenger_phone import MessengerPhone
from tests.phone import NoSuchButton, Phone
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.web_phone import WebPhone
from wiring.settings import Settings

NAME = "Maria Adu"
SECRET = "app-secret"
CHANNELS = ("whatsapp", "messenger", "webchat", "telegram")
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NO_CHANGE = "message is not modified"  # how Telegram answers a bot that edits a text into the same text

_TAG = re.compile(r"</?(?:a|b|i|u|s|code|pre|strong|em)\b[^>]*>")
_ADDRESS = re.compile(r"\s*\(https?://[^)]*\)")
_MARKS = re.compile(r"[*_~`]")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person got to see in one step, and the labels beneath it."""

    texts: tuple[str, ...]
    labels: frozenset[str] = frozenset()


@dataclass(slots=True)
class Outcome:
    """``differs``: channel → (step, what Telegram shows, what the channel shows)."""

    steps: dict[str, int] = field(default_factory=dict)
    differs: dict[str, list[tuple[Step, Said, Said]]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


class Screen:
    """One phone, and what it was shown since the last step.  ``toasts``: Telegram's, which no phone keeps."""

    def __init__(self, phone: Phone, toasts: FakeBotApi | None = None) -> None:
        self.phone = phone
        self.told: list[Sent] = []
        if toasts is not None:
            toasts.ledger.on_line.append(self._note)

    def _note(self, line: Sent) -> None:
        if line.type == "answerCallbackQuery" and line.text and line.reached:
            self.told.append(line)

    async def does(self, step: Step) -> bool:
        """False where this channel has no such gesture."""
        self.told.clear()
        self._since = len(self.phone.messages)
        self._toasted = len(self.phone.toasts) if isinstance(self.phone, WebPhone) else 0
        if step.does == "edits":
            edit = getattr(self.phone, "edits", None)
            if edit is None:
                return False
            status = await edit(step.words)
        elif step.does == "taps":
            try:
                status = await self.phone.taps(step.words)
            except NoSuchButton:
                status = await self.phone.says(step.words)  # as people do where choices are numbered lines
        elif step.does == "photo":
            status = await self.phone.sends_photo(pictures.jpeg(1), step.words)
        elif step.does == "document":
            status = await self.phone.sends_document(pictures.pdf(1), "surat.pdf", caption=step.words)
        else:
            status = await self.phone.says(step.words)
        assert status == 200, (step, status)
        return True

    @property
    def said(self) -> Said:
        new = [*self.phone.messages[self._since :], *self.told]
        shown = [message for message in new if message.type != "editMessageReplyMarkup"]  # no new words
        labels = frozenset(button.title for message in shown for button in message.buttons)
        toasts = self.phone.toasts[self._toasted :] if isinstance(self.phone, WebPhone) else []
        words = [*(message.text for message in shown), *toasts]
        return Said(tuple(told for said in words if (told := plain(said))), labels)

    async def shows(self) -> Said:
        """What it shows once it has read all there is."""
        if isinstance(self.phone, WebPhone):
            await self.phone.catches_up()
        return self.said


def plain(text: str) -> str:
    """Without any channel's markup, and in one line."""
    return " ".join(_MARKS.sub("", _ADDRESS.sub("", _TAG.sub("", text))).split())


def same(wanted: Said, got: Said, name: str) -> bool:
    """Choices as lines below a text are keyboards, not words.  ``name``: the person's, on the channel."""
    if len(wanted.texts) != len(got.texts):
        return False
    pairs = zip(wanted.texts, got.texts, strict=True)
    return all(_alike(told.replace(NAME, name), shown, wanted) for told, shown in pairs)


def _alike(told: str, shown: str, wanted: Said) -> bool:
    return shown == told or (shown.startswith(told) and _are_labels(shown.removeprefix(told), wanted.labels))


def _are_labels(below: str, labels: frozenset[str]) -> bool:
    """Whether there is nothing but choices, perhaps behind a number or before a link."""
    known = "|".join(re.escape(plain(label)) for label in sorted(labels, key=len, reverse=True))
    line = rf"\s*(?:\d+\. )?(?:{known})(?:: https?://\S+)?(?=\s|$)"
    return re.fullmatch(rf"(?:{line})*\s*", below) is not None


async def on_telegram_alone(script: Script) -> list[Said]:
    """The oracle."""
    async with FakeBotApi() as telegram:
        telegram.clock = TestClock(AT)
        screen, bot = Screen(TelegramPhone(telegram, name=NAME), telegram), Plain(telegram)
        async with bot.run(script.bot, script.folder, bot.serve):
            told = []
            for step in script.steps:
                await screen.does(step)
                await bot.settled()
                told.append(screen.said)
    return told


async def compared(script: Script, folder: Path, database_url: str) -> Outcome:
    wanted, outcome, clock = await on_telegram_alone(script), Outcome(), TestClock(AT)
    async with FakeGraph(app_secret=SECRET) as graph, FakeBotApi() as telegram, FakeMessenger() as messenger:
        graph.clock = telegram.clock = messenger.clock = clock
        bot = Hosted(settings(folder, database_url, graph, telegram, messenger), clock)
        async with bot.run(script.bot, script.folder, bot.serve):
            graph.webhook_url = f"{bot.url}/webhooks/whatsapp"
            messenger.webhook_url = f"{bot.url}/webhooks/messenger"
            async with WebPhone(bot.url, NAME) as page:
                screens = {
                    "whatsapp": Screen(WhatsAppPhone(graph, graph.webhook_url, SECRET, name=NAME)),
                    "messenger": Screen(MessengerPhone(messenger, messenger.webhook_url, name=NAME)),
                    "webchat": Screen(page),
                    "telegram": Screen(
                        TelegramPhone(telegram, f"{bot.url}/webhooks/telegram", SECRET, name=NAME), telegram
                    ),
                }
                for step, expected in zip(script.steps, wanted, strict=True):
                    await _take(step, expected, screens, bot, outcome)
        lines = [line for fake in (graph, telegram, messenger) for line in fake.ledger.refused]
        outcome.refused = [f"{line.type}: {line.refusal}" for line in lines if NO_CHANGE not in line.refusal]
    return outcome


async def _take(
    step: Step, expected: Said, screens: Mapping[str, Screen], bot: Hosted, outcome: Outcome
) -> None:
    able = [channel for channel, screen in screens.items() if await screen.does(step)]
    await bot.settled()
    for channel in able:
        outcome.steps[channel] = outcome.steps.get(channel, 0) + 1
        got = await screens[channel].shows()
        called = NAME if channel in ("whatsapp", "telegram") else "-"
        if not same(expected, got, called):
            outcome.differs.setdefault(channel, []).append((step, expected, got))


def settings(
    folder: Path, database_url: str, graph: FakeGraph, telegram: FakeBotApi, messenger: FakeMessenger
) -> Settings:
    return Settings(
        _env_file=None,
        env="test",
        data_dir=folder,
        database_url=database_url,
        storage_url=f"file://{folder}/papers",
        public_url="https://loket.test",
        http={"port": 0},
        pacing="off",
        whatsapp={
            "phone_number_id": graph.phone_number_id,
            "waba_id": graph.waba_id,
            "access_token": graph.access_token,
            "app_secret": SECRET,
            "verify_token": "verify",
            "api_base": graph.base_url,
        },
        messenger={
            "page_id": messenger.page_id,
            "access_token": messenger.access_token,
            "app_secret": messenger.app_secret,
            "verify_token": "verify",
            "api_base": messenger.base_url,
        },
        telegram={
            "token": telegram.token,
            "secret_token": SECRET,
            "api_base": telegram.base_url,
            "mode": "webhook",
        },
    )
