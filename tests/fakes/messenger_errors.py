"""How Meta says no on a Page's side of the Graph API: codes with subcodes, and the words it uses.

Source: Meta, Messenger Platform, "Common Error Codes" (18 Mar 2026); the words of 10900, 10903, 2018292 and
2018300 as clients report them.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.graph_errors import GraphRefusal

WINDOW = (
    "This message is sent outside of allowed window. Learn more about the new policy here: "
    "https://developers.facebook.com/docs/messenger-platform/policy-overview"
)
#: Every refusal that a test can order, ``CODE`` or ``CODE/SUBCODE``.
WORDS: dict[str, str] = {
    "1": "An unknown error occurred",
    "2": "An unexpected error has occurred. Please retry your request later.",
    "2/2018344": "Service temporarily unavailable: the Page has not accepted the privacy terms.",
    "3": "Application does not have the capability to make this API call.",
    "4": "Application request limit reached",
    "10": "Application does not have permission for this action",
    "10/1545041": WINDOW,
    "10/1893063": "Your Page is restricted from sending messages.",
    "10/2018278": WINDOW,
    "10/2018300": "Message failed to send because another app is controlling this thread now.",
    "17": "User request limit reached",
    "32": "Page request limit reached",
    "100": "Invalid parameter",
    "100/2018001": "No matching user found",
    "100/2018008": "Failed to fetch the file from the url",
    "100/2018034": "Message cannot be empty, must provide valid attachment or text",
    "100/2018047": "Upload attachment failure: the media type does not match the type of the file.",
    "100/2018109": "Attachment size exceeds allowable limit",
    "190": "Invalid OAuth access token - Cannot parse access token",
    "190/460": "Error validating access token: The session has been invalidated: the password was changed.",
    "190/463": "Error validating access token: Session has expired.",
    "200": "Requires pages_messaging permission to manage the object",
    "200/1545041": "This person isn't receiving messages from you right now.",
    "368": "The action attempted has been deemed abusive or is otherwise disallowed",
    "551": "This person isn't available right now.",
    "551/1545041": "This person isn't available right now.",
    "613": "Calls to this api have exceeded the rate limit.",
    "1200": "Temporary send message failure. Please try again later.",
    "10900": "Activity already replied to",
    "10903": "This user can't reply to this activity",
    "80006": "There have been too many calls to this Page account.",
}

#: Codes that come with another HTTP status than 400.
STATUSES: dict[int, int] = {1: 500, 2: 500, 10: 403, 190: 401, 200: 403, 1200: 500}
THROTTLES = frozenset({4, 17, 32, 613, 80006})
TRANSIENT = THROTTLES | {1, 2, 1200}
BARE = frozenset({1, 2, 190})  # whose message does not begin with the code


class MessengerRefusal(GraphRefusal):
    """Meta's answer to a call for a Page that breaks a rule; as a string ``CODE[/SUBCODE]: words``.

    ``ok``: the error body comes with HTTP 200, as it sometimes does.
    """

    def __init__(self, code: int, details: str, *, subcode: int | None = None, ok: bool = False) -> None:
        super().__init__(code, details, subcode=subcode)
        self.status = 200 if ok else STATUSES.get(code, 400)
        self.args = (f"{code}/{subcode}: {details}" if subcode else f"{code}: {details}",)

    @classmethod
    def named(cls, name: str, details: str = "", *, ok: bool = False) -> MessengerRefusal:
        """One of `WORDS`, for example ``10/2018278``, in Meta's words unless there are better ones."""
        code, _, subcode = name.partition("/")
        number = int(subcode) if subcode else None
        return cls(int(code), details or WORDS[name], subcode=number, ok=ok)

    def body(self) -> dict[str, Any]:
        prefix = "" if self.code in BARE else f"(#{self.code}) "
        error: dict[str, Any] = {
            "message": prefix + self.details,
            "type": "GraphMethodException" if self.subcode == 33 else "OAuthException",
            "code": self.code,
        }
        error |= {"error_subcode": self.subcode} if self.subcode is not None else {}
        error |= {"is_transient": True} if self.code in TRANSIENT else {}
        return {"error": error | {"fbtrace_id": "AFakeTraceOfThisCall"}}
