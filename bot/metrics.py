"""Figures for Prometheus, under the names that the contract gives."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

from models.database import rows

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

ACK = Histogram(
    "loket_ack_seconds", "From a verified webhook to its acknowledgement", ["channel"], buckets=_BUCKETS
)
DELIVERED = Histogram(
    "loket_delivery_seconds", "From a queued message to the provider's yes", ["channel"], buckets=_BUCKETS
)
DEGRADED = Counter(
    "loket_degraded", "Methods that a channel could not show as they were", ["channel", "method", "degree"]
)
INBOX = Gauge("loket_inbox_rows", "Events in the inbox", ["channel", "state"])
OUTBOX = Gauge("loket_outbox_rows", "Messages in the outbox", ["channel", "state"])
WAITING = Gauge("loket_outbox_waiting", "Queued messages that something holds back", ["channel", "why"])
FROZEN = Gauge("loket_outbox_frozen", "1: a restored copy that nobody has released, so nothing is sent")
QUARANTINE = Gauge(
    "loket_quarantine_rows", "Genuine bodies and entries that could not be understood", ["channel", "reason"]
)
TURNED_AWAY = Counter(
    "loket_turned_away", "Knocks at a platform's door that got nobody in", ["door", "status"]
)
HELD = Gauge("loket_channel_held", "1 while an account of a channel stands still", ["channel", "account"])
TIER_LIMIT = Gauge("loket_tier_limit", "People a day that may be written to first", ["channel", "office"])
TIER_USED = Gauge("loket_tier_used", "People reached so in the last 24 hours", ["channel", "office"])
DISK_LEFT = Gauge("loket_disk_left", "Of 1, what is left of a disk that we write to", ["place"])
BALLAST = Gauge("loket_ballast_bytes", "Held back for the hour in which SQLite's disk is full; 0: given up")
PURGED = Gauge("loket_purged_total", "Deleted because its time was over, or its owner wanted it", ["kind"])
REQUESTS = Gauge("loket_requests", "Requests", ["state"])

_WAITING = """
SELECT channel, failure, count(*) AS n FROM outbox
WHERE state = 'queued' AND failure IS NOT NULL GROUP BY channel, failure
"""


async def exposition() -> bytes:
    """The text that Prometheus reads; row counts are taken now."""
    for gauge, table in ((INBOX, "inbox"), (OUTBOX, "outbox")):
        gauge.clear()
        for row in await rows(f"SELECT channel, state, count(*) AS n FROM {table} GROUP BY channel, state"):  # noqa: S608
            gauge.labels(channel=row["channel"], state=row["state"]).set(row["n"])
    WAITING.clear()
    for row in await rows(_WAITING):
        WAITING.labels(channel=row["channel"], why=row["failure"]).set(row["n"])
    FROZEN.set(bool(await rows("SELECT 1 FROM freezes WHERE released_at IS NULL")))
    QUARANTINE.clear()
    for row in await rows("SELECT channel, reason, count(*) AS n FROM quarantine GROUP BY channel, reason"):
        QUARANTINE.labels(channel=row["channel"], reason=row["reason"]).set(row["n"])
    PURGED.clear()
    for row in await rows("SELECT kind, sum(count) AS n FROM purges WHERE kind <> 'day' GROUP BY kind"):
        PURGED.labels(kind=row["kind"]).set(row["n"])
    REQUESTS.clear()
    for row in await rows("SELECT state, count(*) AS n FROM requests GROUP BY state"):
        REQUESTS.labels(state=row["state"]).set(row["n"])
    return generate_latest(REGISTRY)
