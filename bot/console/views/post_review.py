"""Reviewing: how it will look everywhere, what changed since it was approved, what is wrong; agree or send back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.pages import get_member, read_fields
from bot.console.views.newsroom_base import actor_of
from bot.console.views.post_base import PostPage, tallies_of
from bot.console.views.post_previews import renderings_of
from bot.publishing.diffing import diff
from bot.publishing.errors import Faulty
from bot.publishing.posts import PostState

AGREE = "agree"


class PostReview(PostPage):
    """One post before its reviewer."""

    @route("/{id}/review", methods=["GET", "POST"], name="post-review")
    async def review(self, request: Request) -> Response:
        """What there is to judge; and what was judged."""
        if request.method == "POST":
            return await self._decide(request)
        room, actor = self.room.room, actor_of(get_member(request))
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            renderings = await renderings_of(self, work, post)
            refusal = await room.approval.refusal(work, actor, post)
            context = {
                "title": post.content.title,
                "post": post,
                "names": await self.names(work),
                "reviews": await work.posts.reviews(post.id),
                "told": self.told(await room.checker.check_stored(work, post.content, self.parts.today())),
                "changes": diff(post.approved_content, post.content) if post.approved_content else None,
                "previews": {name: self.name_of_rendering(name) for name in renderings},
                "tallies": tallies_of(room.renderers, renderings),
                "refused": room.words.refused(refusal) if refusal else "",
                "levels": room.approval.levels,
            }
        return self.show(request, "post_review.html", context)

    async def _decide(self, request: Request) -> Response:
        id, fields = str(request.path_params["id"]), await read_fields(request)
        actor, approval, now = actor_of(get_member(request)), self.room.room.approval, self.parts.now()
        version, comment = fields.get("version", ""), fields.get("comment", "")
        seen = int(version) if version.isdecimal() else 0
        with self.refusals_told(request):
            try:
                async with self.parts.write() as work:
                    if fields.get("what") == AGREE:
                        post = await approval.agree(work, actor, id, seen, comment, now)
                    else:
                        post = await approval.return_(work, actor, id, seen, comment, now)
                    await work.commit()
            except Faulty as error:
                for one in self.told(error.findings):
                    self.tell(request, f"{one.about}：{one.text}" if one.about else one.text)
                return self.go(request, f"/posts/{id}/review#decide")
            if post.state is PostState.IN_REVIEW:
                self.say(request, "newsroom.agreed_next", level=approval.levels[post.level].name)
            else:
                self.say(request, "newsroom.returned" if post.state is PostState.DRAFT else "newsroom.approved")
            return self.go(request, f"/posts/{id}")
        return self.go(request, f"/posts/{id}")
