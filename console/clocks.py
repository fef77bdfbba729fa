"""Time that is left of a legal clock, in words."""

from datetime import datetime, timedelta

from office.words import plain


def left(due: datetime, now: datetime) -> str:
    """``sisa 2 hari 3 jam``, ``sisa 40 menit``, ``lewat batas``."""
    if due <= now:
        return plain("console-late")
    rest = due - now
    if rest < timedelta(hours=1):
        return plain("console-left-minutes", minutes=rest.seconds // 60)
    return plain("console-left", days=rest.days, hours=rest.seconds // 3600)
