"""The service itself: its schema, its start, and whether all it needs is there."""

from typing import Any, Literal

from wiring.terminal import (
    CHECK_FAILED,
    DONE,
    WRONG_USAGE,
    complain,
    exit_code,
    light,
    light_until_served,
    prepared,
    run_verb,
    say,
    say_finding,
)


def serve(*, role: Literal["all", "web", "worker", "clock"] = "all") -> int:
    """Answer on every configured channel, until told to stop.

    On PostgreSQL the work may be split over processes: web receives, worker handles and sends, clock says
    what is due.  Any number of each, and of those that do all.
    """
    light_until_served()
    from wiring.registry import office_dispatcher
    from wiring.serve import Served

    return _serve(Served(make_dispatcher=office_dispatcher, office=True, role=role))


def host(name: str, *, parse_mode: str | None = None) -> int:
    """Serve an aiogram bot that this project did not write: MODULE (run as a script) or MODULE:OBJECT.

    OBJECT is a Dispatcher, a Router, or a callable that returns one or starts polling.  ``--parse-mode`` is
    for a bot that is given no Bot to read it from.
    """
    light_until_served()
    import uvloop

    from wiring.foreign import Foreign, NotServable
    from wiring.foreign import host as host_bot
    from wiring.serve import Served
    from wiring.serve import serve as run

    settings = prepared()

    async def serve_it(found: Foreign) -> None:
        await run(settings, Served.of(found), say=say)

    def work() -> int:
        try:
            host_bot(name, serve_it, uvloop.run, parse_mode=parse_mode)
        except NotServable as error:
            complain(f"{error}.")
            return WRONG_USAGE
        return DONE

    return exit_code(work)


def _serve(served: Any) -> int:
    from wiring.serve import serve as run

    settings = prepared()

    async def work() -> int:
        await run(settings, served, say=say)
        return DONE

    return run_verb(work())


def migrate() -> int:
    """Bring the schema up; safe when several start at once."""
    from models.migrate import migrate as bring_up

    settings = prepared()

    async def work() -> int:
        applied = await bring_up(settings.database_url)
        say(f"applied: {', '.join(applied)}" if applied else "nothing to apply")
        return DONE

    return run_verb(work())


def doctor() -> int:
    """Check settings, database, storage and each channel; one line each."""
    light()
    from wiring.doctor import examine

    settings = prepared()

    async def work() -> int:
        failed = False
        async for finding in examine(settings):
            failed |= not finding.ok
            say_finding(finding)
        return CHECK_FAILED if failed else DONE

    return run_verb(work())
