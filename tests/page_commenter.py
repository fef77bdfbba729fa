"""A person under the Page's posts: what is written, changed, removed and liked there, as Meta tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.fakes import bodies, messenger_bodies
from tests.fakes.bodies import Json
from tests.fakes.messenger import FakeMessenger
from tests.fakes.messenger_people import Comment
from tests.posted_phone import PostedPhone


class PageCommenter(PostedPhone):
    """Somebody whom this Page knows by ``psid``; ``written`` are the comments, oldest first."""

    def __init__(
        self,
        messenger: FakeMessenger,
        door_url: str,
        app_secret: str | None = None,
        *,
        psid: str,
        name: str,
    ) -> None:
        super().__init__(name)
        self.messenger, self.door_url = messenger, door_url
        self.app_secret = messenger.app_secret if app_secret is None else app_secret
        self.psid = psid
        self.person = messenger.people.meet(psid, name)
        self.written: list[Comment] = []

    async def comments(
        self, text: str, *, post_id: str = "", under: Comment | None = None, anonymous: bool = False
    ) -> int:
        """Writes under a post, or (``under``) under a comment; ``anonymous``: Meta does not say who."""
        self._new_turn()
        post = post_id or (under.post_id if under else self._any_post())
        ident = f"{post.partition('_')[2]}_{903438993085000 + self.messenger.next_number()}"
        comment = Comment(ident, post, self.person, self.messenger.clock(), text)
        self.messenger.commented(comment)
        self.written.append(comment)
        author = None if anonymous else (self.psid, self.name)
        return await self._changes(comment, author=author, parent_id=under.id if under else "")

    async def edits_comment(self, text: str) -> int:
        comment = self.written[-1]
        comment.text = text
        return await self._changes(comment, author=(self.psid, self.name), verb="edited")

    async def removes_comment(self) -> int:
        """The comment is gone, and with it the way to answer it."""
        comment = self.written[-1]
        self.messenger.people.comments.pop(comment.id, None)
        return await self._changes(comment, author=(self.psid, self.name), verb="remove")

    async def likes_post(self, post_id: str = "") -> int:
        """Not a comment, though it comes by the same field."""
        now = self.messenger.clock()
        value = {"item": "reaction", "verb": "add", "reaction_type": "like"}
        value |= {"post_id": post_id or self._any_post()}
        return await self._feeds(value | {"from": {"id": self.psid, "name": self.name}}, now)

    async def page_comments(self, text: str) -> int:
        """The Page itself answers under its post, in public: the app hears of that too."""
        page, now = self.messenger.page_id, self.messenger.clock()
        own = self.messenger.people.meet(page, "Disdukcapil Rote Ndao")
        post = self.written[-1].post_id if self.written else self._any_post()
        comment = Comment(f"{post}_{self.messenger.next_number()}", post, own, now, text)
        self.messenger.commented(comment)
        return await self._changes(comment, author=(page, own.name))

    async def _changes(self, comment: Comment, *, author: tuple[str, str] | None, **how: Any) -> int:
        value = messenger_bodies.comment(
            comment_id=comment.id,
            post_id=comment.post_id,
            text=comment.text,
            at=comment.at,
            author=author,
            **how,
        )
        return await self._feeds(value, self.messenger.clock())

    async def _feeds(self, value: Json, at: datetime) -> int:
        self._must_hear("feed")
        body = messenger_bodies.change_body("feed", value, page_id=self.messenger.page_id, at=at)
        return await self._post(bodies.as_meta_writes(body))

    def _any_post(self) -> str:
        return f"{self.messenger.page_id}_901097836652708"

    def _must_hear(self, field: str) -> None:
        if field not in self.messenger.subscribed_fields:
            raise AssertionError(f"the app has not subscribed to {field}: Meta tells it nothing of this")

    def _headers(self, body: bytes) -> dict[str, str]:
        return bodies.signed(body, self.app_secret)

    def _trouble(self) -> str:
        return f"Refused: {[(line.type, line.refusal) for line in self.messenger.ledger.refused[-3:]]}"
