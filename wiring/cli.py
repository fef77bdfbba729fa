"""The verbs of ``run.py``.

Exit codes: 0 done, 1 a check failed, 2 wrong usage or setting, 3 could not start.  Heavy imports stand inside
the verbs, so that ``--help`` is quick.
"""

import gc
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import cyclopts

from wiring.settings import Settings, SettingWrong, read_settings, unknown_names

DONE, CHECK_FAILED, WRONG_USAGE, NOT_STARTED = 0, 1, 2, 3

app = cyclopts.App(name="run.py", help="Loket: a civil-registry counter inside chat apps.", version="0.1.0")
operator = cyclopts.App(name="operator", help="The people at the desk.")
catalog = cyclopts.App(name="catalog", help="Services, regions and offices as data.")
templates = cyclopts.App(name="templates", help="What the platforms have approved of what we send.")
audit = cyclopts.App(name="audit", help="Who did what: rows that nobody can change unseen.")
keys = cyclopts.App(name="keys", help="The keys under which papers and rows lie sealed.")
breach = cyclopts.App(name="breach", help="A failure to protect personal data: clock, people, notices.")
app.command(operator)
app.command(audit)
app.command(catalog)
app.command(templates)
app.command(keys)
app.command(breach)

StaffRole = Literal["operator", "verifier", "supervisor", "head", "admin", "auditor"]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; its exit code."""
    try:
        result = app(
            arguments if arguments is not None else sys.argv[1:],
            exit_on_error=False,
            result_action="return_value",
        )
    except SettingWrong as wrong:
        complain(str(wrong))
        return WRONG_USAGE
    except cyclopts.CycloptsError:
        return WRONG_USAGE
    finally:
        gc.enable()
    return result if isinstance(result, int) else DONE


def _run(work: Coroutine[Any, Any, int]) -> int:
    """Run ``work`` to its exit code; what keeps it from starting is one sentence."""
    import uvloop

    return _exit_code(lambda: uvloop.run(work))


def _exit_code(work: Callable[[], int]) -> int:
    from models.backup.problems import BackupRefused, DatabaseInUse
    from models.database import AWAY
    from models.migrations.problems import SchemaProblem
    from office.catalogue import CatalogueBroken
    from wiring.lock import AlreadyServed
    from wiring.not_started import CouldNotStart

    try:
        return work()
    except AlreadyServed as taken:
        complain(f"Another process already serves {taken}; stop it first.")
    except (CouldNotStart, SchemaProblem, CatalogueBroken, DatabaseInUse) as error:
        complain(str(error))
    except BackupRefused as refused:
        complain(f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
        return CHECK_FAILED
    except AWAY as error:
        complain(
            f"The database or the storage cannot be reached ({type(error).__name__}): look at "
            "LOKET_DATABASE_URL, LOKET_STORAGE_URL and LOKET_DATA_DIR."
        )
    return NOT_STARTED


def _light() -> None:
    """Before all else that imports aiogram: its models are built when they are used."""
    from bot.lazy_models import import_aiogram

    import_aiogram()


def _light_until_served() -> None:
    """The same, and the collector rests until `wiring.serve` has started."""
    gc.disable()
    _light()


def _prepared() -> Settings:
    import structlog

    from wiring.logs import set_up_logs

    settings = read_settings()
    set_up_logs(settings.log_level)
    if unknown := unknown_names():
        structlog.get_logger(__name__).warning("settings.without_effect", names=unknown)
    return settings


@app.command
def serve(*, role: Literal["all", "web", "worker", "clock"] = "all") -> int:
    """Answer on every configured channel, until told to stop.

    On PostgreSQL the work may be split over processes: web receives, worker handles and sends, clock says
    what is due.  Any number of each, and of those that do all.
    """
    _light_until_served()
    from wiring.registry import office_dispatcher
    from wiring.serve import Served

    return _serve(Served(make_dispatcher=office_dispatcher, office=True, role=role))


@app.command
def host(name: str, *, parse_mode: str | None = None) -> int:
    """Serve an aiogram bot that this project did not write: MODULE (run as a script) or MODULE:OBJECT.

    OBJECT is a Dispatcher, a Router, or a callable that returns one or starts polling.  ``--parse-mode`` is
    for a bot that is given no Bot to read it from.
    """
    _light_until_served()
    import uvloop

    from wiring.foreign import Foreign, NotServable
    from wiring.foreign import host as host_bot
    from wiring.serve import Served
    from wiring.serve import serve as run

    settings = _prepared()

    async def serve_it(found: Foreign) -> None:
        await run(settings, Served.of(found), say=say)

    def work() -> int:
        try:
            host_bot(name, serve_it, uvloop.run, parse_mode=parse_mode)
        except NotServable as error:
            complain(f"{error}.")
            return WRONG_USAGE
        return DONE

    return _exit_code(work)


def _serve(served: Any) -> int:
    from wiring.serve import serve as run

    settings = _prepared()

    async def work() -> int:
        await run(settings, served, say=say)
        return DONE

    return _run(work())


@app.command
def migrate() -> int:
    """Bring the schema up; safe when several start at once."""
    from models.migrate import migrate as bring_up

    settings = _prepared()

    async def work() -> int:
        applied = await bring_up(settings.database_url)
        say(f"applied: {', '.join(applied)}" if applied else "nothing to apply")
        return DONE

    return _run(work())


@app.command
def backup(folder: Path) -> int:
    """Copy rows and papers into a new folder, also while serving."""
    from bot.backup.taking import FolderInTheWay
    from wiring.backup import take_backup, taken_lines

    settings = _prepared()

    async def work() -> int:
        try:
            manifest = await take_backup(settings, folder)
        except FolderInTheWay as wrong:
            complain(f"{wrong}.")
            return WRONG_USAGE
        for line in taken_lines(manifest, folder):
            say(line)
        return CHECK_FAILED if manifest.lacking else DONE

    return _run(work())


@app.command
def restore(folder: Path) -> int:
    """Bring a backup back, into an empty database and storage; nothing is sent until ``release``."""
    _light()
    from wiring.restore import bring_back, restored_lines

    settings = _prepared()

    async def work() -> int:
        for line in restored_lines(*await bring_back(settings, folder)):
            say(line)
        return DONE

    return _run(work())


@app.command
def purge(*, office: int | None = None, dry_run: bool = False) -> int:
    """Delete at once what the clock deletes at night: what has been kept long enough.

    ``--dry-run`` counts only.  The counts go to standard output, one kind a line.
    """
    _light()
    from office.purge import PurgeFrozen
    from wiring.purge import purge_now

    settings = _prepared()

    async def work() -> int:
        try:
            async for line in purge_now(settings, office, dry_run=dry_run):
                say(line)
        except PurgeFrozen:
            complain("Nothing is deleted while a breach is open: run.py breach list.")
            return CHECK_FAILED
        return DONE

    return _run(work())


@app.command
def freeze(moment: datetime) -> int:
    """Silence a database that came back by WAL or a snapshot; MOMENT (ISO, with a zone) is what it is of."""
    _light()
    from wiring.restore import freeze_it

    settings = _prepared()
    if moment.tzinfo is None:
        complain("MOMENT lacks a zone, such as +08:00.")
        return WRONG_USAGE

    async def work() -> int:
        await freeze_it(settings, moment)
        say("Nothing is sent until: run.py serve, a look at everything, run.py release")
        return DONE

    return _run(work())


@app.command
def release(*, also_doubtful: bool = False) -> int:
    """Let a restored copy send.

    What waited when the backup was taken stays marked: the original may have sent it since.
    ``--also-doubtful`` is for who knows that it has not.
    """
    _light()
    from bot.freeze import NotFrozen, NotSettled
    from wiring.restore import release as let_go

    settings = _prepared()

    async def work() -> int:
        try:
            for line in await let_go(settings, also_doubtful=also_doubtful):
                say(line)
        except NotFrozen:
            complain("There is nothing to release: this is no restored copy, or it was released before.")
            return CHECK_FAILED
        except NotSettled:
            complain(
                "Start the copy once with run.py serve: what the original had not finished is handled then."
            )
            return CHECK_FAILED
        return DONE

    return _run(work())


@operator.command(name="add")
def operator_add(name: str, *, role: StaffRole, office: int | None = None) -> int:
    """A new member of staff; prints a one-time code for chat.  ``--office``: whose, by its number."""
    from models.staff import Role
    from office import staff
    from wiring.desk import at_the_desk

    settings = _prepared()

    async def work() -> int:
        async with at_the_desk(settings, office) as desk:
            _say_code(*await desk(lambda now: staff.add(name, Role(role), now)))
        return DONE

    return _run(work())


@operator.command(name="code")
def operator_code(name: str, *, office: int | None = None) -> int:
    """A fresh one-time code for somebody (name or number) at the desk; one not used before is void."""
    from office import staff
    from office.refusal import Refusal
    from wiring.desk import at_the_desk, in_words

    settings = _prepared()

    async def work() -> int:
        async with at_the_desk(settings, office) as desk:
            try:
                _say_code(*await desk(lambda now: staff.renew_code(name, now)))
            except Refusal as refusal:
                complain(in_words(refusal))
                return CHECK_FAILED
        return DONE

    return _run(work())


def _say_code(person: Any, code: str) -> None:
    say(f"{person.id}  {person.name}  {person.role}")
    say(f"Kode sekali pakai, berlaku 10 menit (one-time code):  /masuk {code}")


@breach.command(name="open")
def breach_open(reason: str, *, since: datetime, office: int | None = None) -> int:
    """Start the clock of 3 × 24 hours and stop the purge.  ``--since`` (ISO, with a zone): when it began."""
    from office import breaches
    from wiring.breach import line_of

    if since.tzinfo is None:
        complain("--since lacks a zone, such as +08:00.")
        return WRONG_USAGE
    return _at_a_desk(office, lambda now: breaches.open_(reason, since, now), line_of)


@breach.command(name="list")
def breach_list(*, office: int | None = None) -> int:
    """Every breach, the latest first."""
    from office import breaches
    from wiring.breach import line_of

    return _at_a_desk(
        office,
        lambda _: breaches.listing(),
        lambda found: "\n".join(map(line_of, found)) or "There is no breach.",
    )


@breach.command(name="report")
def breach_report(number: int, folder: Path, *, everybody: bool = False, office: int | None = None) -> int:
    """Write into a new FOLDER whom it concerns and both notices, as drafts for a person to read over.

    ``--everybody``: the database itself may have been read, not only what staff's accounts opened.
    """
    from office import breaches
    from wiring.breach import write_report

    if folder.exists():
        complain(f"{folder} is there already; the report goes into a new folder.")
        return WRONG_USAGE

    async def write(_: datetime) -> Any:
        return await write_report(await breaches.numbered(number), folder, everybody=everybody)

    return _at_a_desk(office, write, lambda people: f"{len(people)} people; list and drafts in {folder}")


@breach.command(name="close")
def breach_close(number: int, *, office: int | None = None) -> int:
    """The notices went out: the purge goes on."""
    from office import breaches
    from wiring.breach import line_of

    return _at_a_desk(office, lambda now: breaches.close(number, now), line_of)


def _at_a_desk(office: int | None, work: Callable[[datetime], Any], told: Callable[[Any], str]) -> int:
    """Do it in one transaction, and say it."""
    _light()
    from office.refusal import Refusal
    from wiring.desk import at_the_desk, in_words

    settings = _prepared()

    async def run() -> int:
        async with at_the_desk(settings, office) as desk:
            try:
                say(told(await desk(work)))
            except Refusal as refusal:
                complain(in_words(refusal))
                return CHECK_FAILED
        return DONE

    return _run(run())


@operator.command(name="list")
def operator_list(*, office: int | None = None) -> int:
    """Everybody at the desk."""
    from office import staff
    from wiring.desk import at_the_desk

    settings = _prepared()

    async def work() -> int:
        async with at_the_desk(settings, office) as desk:
            for person in await desk(lambda _: staff.listing()):
                say(f"{person.id}  {person.name}  {person.role}")
        return DONE

    return _run(work())


@operator.command(name="remove")
def operator_remove(name: str, *, office: int | None = None) -> int:
    """Take a person (name or number) off the desk; chats and codes of theirs die."""
    from office import staff
    from office.refusal import Refusal
    from wiring.desk import at_the_desk, in_words

    settings = _prepared()

    async def work() -> int:
        async with at_the_desk(settings, office) as desk:
            try:
                person = await desk(lambda now: staff.remove(name, now))
            except Refusal as refusal:
                complain(in_words(refusal))
                return CHECK_FAILED
        say(f"{person.id}  {person.name}")
        return DONE

    return _run(work())


@audit.command(name="verify")
def audit_verify() -> int:
    """Find what was changed, deleted, put in, put elsewhere or cut off, at every office."""
    from wiring.audit import verify

    settings = _prepared()

    async def work() -> int:
        found = await verify(settings)
        for verdict in found:
            (say if verdict.whole else complain)(verdict.line)
        return DONE if all(verdict.whole for verdict in found) else CHECK_FAILED

    return _run(work())


@app.command
def doctor() -> int:
    """Check settings, database, storage and each channel; one line each."""
    _light()
    from wiring.doctor import examine

    settings = _prepared()

    async def work() -> int:
        failed = False
        async for finding in examine(settings):
            failed |= not finding.ok
            _say_finding(finding)
        return CHECK_FAILED if failed else DONE

    return _run(work())


def _say_finding(finding: Any) -> None:
    say(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}  {finding.detail}".rstrip())


@templates.default
def templates_list() -> int:
    """Every template as last heard, and what stands in its way."""
    _light()
    from wiring.desk import for_all_offices
    from wiring.templates import NOT_ASKED, listing

    settings = _prepared()

    async def work() -> int:
        async with for_all_offices(settings):
            for line in await listing() or [NOT_ASKED]:
                say(line)
        return DONE

    return _run(work())


@templates.command(name="sync")
def templates_sync() -> int:
    """Ask the platforms for their state, and write it down."""
    _light()
    from wiring.desk import for_all_offices
    from wiring.templates import sync_all

    settings = _prepared()

    async def work() -> int:
        async with for_all_offices(settings) as (branches, _):
            found = await sync_all(settings, branches)
        for finding in found:
            _say_finding(finding)
        return DONE if all(finding.ok for finding in found) else CHECK_FAILED

    return _run(work())


@keys.command(name="rotate")
def keys_rotate() -> int:
    """Add a key and wrap every data key with it; beside a serving process, and again after a stop."""
    _light()
    from wiring.keys import rotate

    settings = _prepared()

    async def work() -> int:
        say(await rotate(settings))
        return DONE

    return _run(work())


@catalog.command(name="check")
def catalog_check(file: Path | None = None) -> int:
    """Name file, line and cause of every mistake in the catalogue (or in one file)."""
    from office.catalogue_check import check

    problems = check(file)
    for problem in problems:
        say(f"{problem.file}:{problem.line}: {problem.cause}")
    if problems:
        return CHECK_FAILED
    say("ok")
    return DONE


@app.command
def nik(number: str) -> int:
    """How the office reads a NIK: accept, confirm or reject, with the flags or the reason."""
    from office.identity import Decision, judge_nik

    verdict = judge_nik(number)
    words = [verdict.decision.value, *(flag.value for flag in verdict.flags), verdict.reason]
    say(" ".join(filter(None, words)))
    return CHECK_FAILED if verdict.decision is Decision.REJECT else DONE


@app.command
def phone(number: str) -> int:
    """A telephone number in E.164, or why it is none."""
    from office.phone import to_e164
    from office.refusal import Refusal

    try:
        say(to_e164(number))
    except Refusal as refusal:
        say(str(refusal.facts.get("reason", type(refusal).__name__)))
        return CHECK_FAILED
    return DONE
