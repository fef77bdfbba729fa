"""How the office reads a number, and what is wrong with its data."""

from pathlib import Path

import cyclopts

from wiring.terminal import CHECK_FAILED, DONE, say

catalog = cyclopts.App(name="catalog", help="Services, regions and offices as data.")


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


def nik(number: str) -> int:
    """How the office reads a NIK: accept, confirm or reject, with the flags or the reason."""
    from office.identity import Decision, judge_nik

    verdict = judge_nik(number)
    words = [verdict.decision.value, *(flag.value for flag in verdict.flags), verdict.reason]
    say(" ".join(filter(None, words)))
    return CHECK_FAILED if verdict.decision is Decision.REJECT else DONE


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
