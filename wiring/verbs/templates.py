"""What the platforms have approved of what we send."""

import cyclopts

from wiring.terminal import CHECK_FAILED, DONE, light, prepared, run_verb, say, say_finding

templates = cyclopts.App(name="templates", help="What the platforms have approved of what we send.")


@templates.default
def templates_list() -> int:
    """Every template as last heard, and what stands in its way."""
    light()
    from wiring.desk import for_all_offices
    from wiring.templates import NOT_ASKED, listing

    settings = prepared()

    async def work() -> int:
        async with for_all_offices(settings):
            for line in await listing() or [NOT_ASKED]:
                say(line)
        return DONE

    return run_verb(work())


@templates.command(name="sync")
def templates_sync() -> int:
    """Ask the platforms for their state, and write it down."""
    light()
    from wiring.desk import for_all_offices
    from wiring.templates import sync_all

    settings = prepared()

    async def work() -> int:
        async with for_all_offices(settings) as (branches, _):
            found = await sync_all(settings, branches)
        for finding in found:
            say_finding(finding)
        return DONE if all(finding.ok for finding in found) else CHECK_FAILED

    return run_verb(work())
