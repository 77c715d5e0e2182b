"""What is out there put right or taken back, and what of that a person has to do on the platforms."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.pages import get_member, read_fields
from bot.console.views.newsroom_base import BAD_REQUEST, actor_of
from bot.console.views.post_base import PostPage
from bot.publishing.correcting import Corrected, Mode
from bot.publishing.deliveries import Delivery
from bot.publishing.diffing import diff
from bot.publishing.posts import Post
from bot.publishing.rendering import Finding

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class PostCorrections(PostPage):
    """Correcting and withdrawing one post."""

    @route("/{id}/correct", name="post-correct")
    async def show_ways(self, request: Request) -> Response:
        """What stands where, and what can be done about it."""
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            return await self._show(request, work, post)

    @route("/{id}/correct", methods=["POST"], name="post-correct-do")
    async def correct(self, request: Request) -> Response:
        """Bring what was approved now to where an older text stands."""
        mode = (await read_fields(request)).get("mode", "")
        if mode not in set(Mode):
            raise HTTPException(BAD_REQUEST)
        id, actor = str(request.path_params["id"]), actor_of(get_member(request))
        with self.refusals_told(request):
            async with self.parts.write() as work:
                done = await self.room.room.correcting.correct(work, actor, id, Mode(mode), self.parts.now())
                await work.commit()
            self._tell(request, done, "corrected")
            return self.go(request, f"/posts/{id}/correct")
        return self.go(request, f"/posts/{id}/correct")

    @route("/{id}/withdraw", methods=["POST"], name="post-withdraw")
    async def withdraw(self, request: Request) -> Response:
        """Take it back everywhere."""
        reason = (await read_fields(request)).get("reason", "")
        id, actor = str(request.path_params["id"]), actor_of(get_member(request))
        with self.refusals_told(request):
            async with self.parts.write() as work:
                done = await self.room.room.correcting.withdraw(work, actor, id, reason, self.parts.now())
                await work.commit()
            self._tell(request, done, "withdrawn")
        return self.go(request, f"/posts/{id}/correct")

    def _tell(self, request: Request, done: Corrected, what: str) -> None:
        if not done.planned:
            self.say(request, f"newsroom.{what}_nowhere", "warning" if what == "corrected" else "success")
            return
        names = self._names(done.planned)
        self.say(request, f"newsroom.{what}", channels=names)
        if done.by_hand:
            self.say(request, "newsroom.by_hand", "warning", channels=self._names(done.by_hand))

    def _names(self, deliveries: Sequence[Delivery]) -> str:
        return "、".join(dict.fromkeys(self.room.room.words.channel(one.channel) for one in deliveries))

    async def _show(self, request: Request, work: "UnitOfWork", post: Post) -> Response:
        room = self.room.room
        standing = await room.correcting.standing(work, post.id)
        deliveries = await work.deliveries.of_post(post.id)
        outdated = [
            channel
            for channel, there in standing.items()
            if channel in post.approved and post.approved[channel] != there.rendering
        ]
        context = {
            "title": post.content.title,
            "post": post,
            "standing": standing,
            "outdated": outdated,
            "abilities": {channel: room.abilities.get(channel, frozenset()) for channel in standing},
            "open": [one for one in deliveries if one.finished_at is None and one.kind != "publish"],
            "unapproved": diff(post.approved_content, post.content) if not post.approved else [],
            "notice_missing": room.words.finding(Finding("correction_missing")),
        }
        return self.show(request, "post_correct.html", context)
