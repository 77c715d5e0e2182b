"""The posts: lists by what is to be done with them, one post with everything about it, and small acts on it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.pages import get_member, read_fields
from bot.console.views.newsroom_base import BAD_REQUEST, NOT_FOUND, actor_of
from bot.console.views.post_base import PostPage
from bot.publishing.diffing import diff
from bot.publishing.posts import Post, PostState, Season
from bot.rights import Actor, Right, may
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

PAGE = 30
MOST_DRAFTS = 500
MOST_WORDS, LONGEST_SEARCH = 6, 60
SOON = timedelta(days=30)
_S = PostState

TABS: Mapping[str, tuple[PostState, ...]] = {
    "mine": (),
    "review": (_S.IN_REVIEW,),
    "ready": (_S.APPROVED, _S.SCHEDULED, _S.PUBLISHING),
    "out": (_S.PUBLISHED, _S.PARTLY, _S.FAILED, _S.EXPIRED, _S.WITHDRAWN),
    "all": (),
}
"""What is listed together."""


class PostList(PostPage):
    """The lists."""

    menu_label = "稿件"
    icon = "fa-regular fa-newspaper"

    @route("", name="posts")
    async def shelf(self, request: Request) -> Response:
        """One of the lists, or what holds the words that were looked for."""
        query, member = request.query_params, get_member(request)
        actor = actor_of(member)
        text = query.get("q", "").strip()[:LONGEST_SEARCH]
        tab = query.get("tab") or _first_tab(member.role)
        if tab not in TABS:
            raise HTTPException(NOT_FOUND)
        page = max(_number(query.get("page", "1")), 1)
        async with self.parts.read() as work:
            to_review = await self.room.room.approval.to_review(work, actor)
            found, total = await self._found(work, actor, tab, text, page, to_review)
            seasonal = await self._seasonal(work) if not text and tab in ("mine", "all") and page == 1 else []
            context = {
                "posts": found,
                "seasonal": seasonal,
                "names": await self.names(work),
                "tab": tab,
                "tabs": {name: await self._count(work, actor, name, len(to_review)) for name in TABS},
                "text": text,
                "page": page,
                "pages": max(-(-total // PAGE), 1),
                "total": total,
                "levels": self.room.room.approval.levels,
            }
        return self.show(request, "posts.html", context)

    async def _found(  # noqa: PLR0913, PLR0917 - what is looked for, by whom, and which page of it
        self, work: "UnitOfWork", actor: Actor, tab: str, text: str, page: int, to_review: list[Post]
    ) -> tuple[list[Post], int]:
        offset = (page - 1) * PAGE
        if text:
            return await work.posts.list(words=text.split()[:MOST_WORDS], offset=offset, limit=PAGE)
        if tab == "review":
            return to_review[offset : offset + PAGE], len(to_review)
        hand = actor.id if tab == "mine" else ""
        return await work.posts.list(TABS[tab], hand=hand, offset=offset, limit=PAGE)

    async def _count(self, work: "UnitOfWork", actor: Actor, tab: str, to_review: int) -> int:
        if tab == "review":
            return to_review
        _, total = await work.posts.list(TABS[tab], hand=actor.id if tab == "mine" else "", limit=1)
        return total

    async def _seasonal(self, work: "UnitOfWork") -> list[tuple[Post, int]]:
        """Drafts whose time of the year has come or comes soon, with the days until then; the soonest first."""
        drafts, _ = await work.posts.list([PostState.DRAFT], limit=MOST_DRAFTS)
        today = self.parts.today()
        waiting = [
            (post, days)
            for post in drafts
            if post.content.season and (days := days_until(post.content.season, today)) <= SOON.days
        ]
        return sorted(waiting, key=lambda one: (one[1], one[0].content.title))


class PostPages(PostPage):
    """One post."""

    @route("/{id}", name="post")
    async def one(self, request: Request) -> Response:
        """Where it stands, what comes next, what was said, what went out."""
        actor = actor_of(get_member(request))
        room = self.room.room
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            found = await room.checker.check_stored(work, post.content, self.parts.today())
            context = {
                "title": post.content.title,
                "post": post,
                "told": self.told(found),
                "names": await self.names(work),
                "reviews": await work.posts.reviews(post.id),
                "revisions": await work.posts.revisions(post.id),
                "schedules": await work.schedules.of_post(post.id),
                "deliveries": await work.deliveries.of_post(post.id),
                "standing": await room.correcting.standing(work, post.id),
                "refusal": await room.approval.refusal(work, actor, post),
                "levels": room.approval.levels,
                "enabled": room.enabled,
            }
        return self.show(request, "post.html", context)

    @route("/{id}/versions/{number}", name="post-version")
    async def version(self, request: Request) -> Response:
        """What one version changed."""
        number = _number(str(request.path_params["number"]))
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            revisions = await work.posts.revisions(post.id)
            names = await self.names(work)
        this = next((one for one in revisions if one.number == number), None)
        if this is None:
            raise HTTPException(NOT_FOUND)
        before = next((one for one in revisions if one.number < number), None)
        context = {
            "title": post.content.title,
            "post": post,
            "revision": this,
            "before": before,
            "names": names,
            "parts": diff(before.content if before else None, this.content),
        }
        return self.show(request, "post_version.html", context)

    @route("/{id}/act", methods=["POST"], name="post-act")
    async def act(self, request: Request) -> Response:
        """Hand in, take back, copy, delete a draft."""
        id, fields = str(request.path_params["id"]), await read_fields(request)
        actor, room, now = actor_of(get_member(request)), self.room.room, self.parts.now()
        act, version, where = fields.get("act", ""), _number(fields.get("version", "")), f"/posts/{id}"
        with self.refusals_told(request):
            async with self.parts.write() as work:
                match act:
                    case "submit":
                        await room.approval.submit(work, actor, id, version, now)
                    case "take_back":
                        await room.approval.withdraw_submission(work, actor, id, version, now)
                        where = f"/posts/{id}/edit"
                    case "copy":
                        copied = await room.editing.copy(work, actor, id, now)
                        where = f"/posts/{copied.id}/edit"
                    case "delete":
                        await room.editing.delete_draft(work, actor, id, version, now)
                        where = "/posts"
                    case _:
                        raise HTTPException(BAD_REQUEST)
                await work.commit()
            self.tell(request, self.parts.wording(f"console.newsroom.done.{act}"), "success")
            return self.go(request, where)
        return self.go(request, f"/posts/{id}")


def _first_tab(role: Role) -> str:
    if may(role, Right.EDIT_POSTS):
        return "mine"
    return "review" if may(role, Right.REVIEW) else "all"


def days_until(season: Season, today: date) -> int:
    """Days until the season begins; 0 while it lasts."""
    now = (today.month, today.day)
    runs_over = season.first > season.last
    within = season.first <= now or now <= season.last if runs_over else season.first <= now <= season.last
    if within:
        return 0
    begins = [_day(year, *season.first) for year in (today.year, today.year + 1)]
    return next((day - today).days for day in begins if day > today)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:  # 29 February
        return date(year, month, day - 1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0  # noqa: PLR2004 - versions are small
