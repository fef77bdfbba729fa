"""What is kept: for how long, under which keys, and whether the record of it is whole."""

import cyclopts

from wiring.terminal import CHECK_FAILED, DONE, complain, light, prepared, run_verb, say

audit = cyclopts.App(name="audit", help="Who did what: rows that nobody can change unseen.")
keys = cyclopts.App(name="keys", help="The keys under which papers and rows lie sealed.")


def purge(*, office: int | None = None, dry_run: bool = False) -> int:
    """Delete at once what the clock deletes at night: what has been kept long enough.

    ``--dry-run`` counts only.  The counts go to standard output, one kind a line.
    """
    light()
    from office.purge import PurgeFrozen
    from wiring.purge import purge_now

    settings = prepared()

    async def work() -> int:
        try:
            async for line in purge_now(settings, office, dry_run=dry_run):
                say(line)
        except PurgeFrozen:
            complain("Nothing is deleted while a breach is open: run.py breach list.")
            return CHECK_FAILED
        return DONE

    return run_verb(work())


@audit.command(name="verify")
def audit_verify() -> int:
    """Find what was changed, deleted, put in, put elsewhere or cut off, at every office."""
    from wiring.audit import verify

    settings = prepared()

    async def work() -> int:
        found = await verify(settings)
        for verdict in found:
            (say if verdict.whole else complain)(verdict.line)
        return DONE if all(verdict.whole for verdict in found) else CHECK_FAILED

    return run_verb(work())


@keys.command(name="rotate")
def keys_rotate() -> int:
    """Add a key and wrap every data key with it; beside a serving process, and again after a stop."""
    light()
    from wiring.keys import rotate

    settings = prepared()

    async def work() -> int:
        say(await rotate(settings))
        return DONE

    return run_verb(work())
