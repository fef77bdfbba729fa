"""How Meta says no: one exception, one body shape, and the words of the codes we can provoke.

Source: platforms.md 6 (Meta, WhatsApp Cloud API, "Error codes", 12 Dec 2025).
"""

from __future__ import annotations

from typing import Any

TITLES: dict[int, str] = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    10: "Application does not have permission for this action",
    33: "Object does not exist, or cannot be loaded due to missing permissions",
    100: "Invalid parameter",
    190: "Invalid OAuth access token - Cannot parse access token",
    368: "Temporarily blocked for policies violations",
    2500: "Unknown path components",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Business account locked",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131062: "Business-scoped user id cannot be used for this message",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132005: "Template hydrated text too long",
    132007: "Template format character policy violated",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
    133004: "Server temporarily unavailable",
    133010: "Phone number not registered",
    135000: "Generic user error",
}

#: Codes that come with another HTTP status than 400.
STATUSES: dict[int, int] = {190: 401, 1: 500, 2: 503, 131000: 500, 131016: 500, 130429: 429, 133004: 503}


class GraphRefusal(Exception):
    """Meta's answer to a request that breaks a rule."""

    def __init__(self, code: int, details: str, *, subcode: int | None = None) -> None:
        self.code, self.details, self.subcode = code, details, subcode
        self.status = STATUSES.get(code, 400)
        super().__init__(f"{code}: {details}")

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {TITLES[self.code]}",
            "type": "GraphMethodException" if self.subcode == 33 else "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "AFakeTraceOfThisCall",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}
