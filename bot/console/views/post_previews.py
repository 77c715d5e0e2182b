"""Previews: what is being written, what will be reviewed, what was approved; and the pictures that they show."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette_admin import route

from bot.console.pages import get_member, read_form
from bot.console.preview_frames import frame_document, frame_response, note_document, show_rendering
from bot.console.views.newsroom_base import NOT_ALLOWED, NOT_FOUND
from bot.console.views.post_base import PostPage, by_field, tallies_of
from bot.console.views.post_form import form_of_fields, read_content
from bot.console.views.post_titles import live_titles
from bot.publishing.post_files import PICTURE
from bot.publishing.posts import Content, Cover, Post, Tone
from bot.publishing.rendering import Finding, Rendering
from bot.publishing.typesetting import NOTICE
from bot.rights import Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

JPEG, PNG = "image/jpeg", "image/png"
KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
LONGEST_LINE = 30
MOST_LINES = 2
UNNAMED = "draft"


class PostPreviews(PostPage):
    """Frames and pictures."""

    @route("/preview", methods=["POST"], name="posts-preview")
    async def typed(self, request: Request) -> Response:
        """What is typed just now on one channel: as a frame, or for our script with counters and findings."""
        if not may(get_member(request).role, Right.EDIT_POSTS):
            raise HTTPException(NOT_ALLOWED)
        data = await read_form(request)
        form = form_of_fields(data)
        await data.close()
        async with self.parts.read() as work:
            content, faults = read_content(form, await live_titles(work), UNNAMED)
            found = [*faults, *await self.room.room.checker.check_stored(work, content, self.parts.today())]
        chosen = data.get("preview", "")
        document = self._document(request, content, chosen if isinstance(chosen, str) else "")
        if request.headers.get("x-gonghui") != "part":
            return frame_response(document)
        return JSONResponse({"frame": document, **self._checks(content, found)})

    @route("/blank", name="posts-blank")
    async def blank(self, request: Request) -> Response:
        """What the frame shows before anything was previewed."""
        return frame_response(note_document(self.parts.wording("console.newsroom.preview"), self._say("nothing_yet")))

    @route("/cover.jpg", name="posts-cover")
    async def cover(self, request: Request) -> Response:
        """The cover that is drawn of these words."""
        query = request.query_params
        lines = tuple(line[:LONGEST_LINE] for line in query.getlist("line") if line.strip())[:MOST_LINES]
        tone = query.get("tone", "")
        cover = Cover(lines, Tone(tone) if tone in set(Tone) else Tone.RED)
        _, data = self.room.room.typesetter.drawn(Content(slug=UNNAMED, title="", body="", cover=cover))
        if not data:
            raise HTTPException(NOT_FOUND)
        return Response(data, media_type=JPEG, headers=KEPT)

    @route("/pictures/{digest}", name="posts-picture")
    async def picture(self, request: Request) -> Response:
        """A picture that was uploaded, or a cover that was kept."""
        digest = str(request.path_params["digest"])
        if not PICTURE.fullmatch(digest):
            raise HTTPException(NOT_FOUND)
        async with self.parts.read() as work:
            data = await work.pictures.get(digest)
        if data is None:
            raise HTTPException(NOT_FOUND)
        return Response(data, media_type=PNG if data.startswith(b"\x89PNG") else JPEG, headers=KEPT)

    @route("/{id}/preview/{channel}", name="post-preview")
    async def one(self, request: Request) -> Response:
        """A post on one channel: as approved, where it is approved, else as it is written."""
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            renderings = await self.renderings(work, post)
        name = str(request.path_params["channel"])
        if name not in renderings:
            return frame_response(note_document(post.content.title, self._say("not_there")))
        return frame_response(self._framed(request, post.content, name, renderings[name]))

    @route("/{id}/previews", name="post-previews")
    async def all(self, request: Request) -> Response:
        """A post on all of its channels, side by side."""
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            renderings = await self.renderings(work, post)
        context = {
            "title": post.content.title,
            "post": post,
            "previews": {name: self.name_of_rendering(name) for name in renderings},
            "frozen": bool(post.approved),
            "tallies": tallies_of(self.room.room.renderers, renderings),
        }
        return self.show(request, "post_previews.html", context)

    async def renderings(self, work: "UnitOfWork", post: Post) -> dict[str, Rendering]:
        """What was approved, from where it is kept; what is written, as it would be approved now."""
        return await renderings_of(self, work, post)

    def _document(self, request: Request, content: Content, channel: str) -> str:
        room = self.room.room
        about = room.typesetter.notice(content) if channel.startswith(NOTICE) else content
        if channel.removeprefix(NOTICE) not in room.renderers:
            return note_document(self.parts.wording("console.newsroom.preview"), self._say("choose_channel"))
        rendering = room.typesetter.render(channel.removeprefix(NOTICE), about)
        return self._framed(request, content, channel, rendering)

    def _framed(self, request: Request, content: Content, name: str, rendering: Rendering) -> str:
        pictures = self._addresses(request, content, rendering)
        preview = show_rendering(self.room.room.renderers, name, rendering, pictures)
        return frame_document(self.name_of_rendering(name), preview)

    def _addresses(self, request: Request, content: Content, rendering: Rendering) -> dict[str, str]:
        base = f"{request.scope.get('root_path', '')}{self.path}"
        digests = [digest for digest in (rendering.cover, *rendering.media) if digest]
        found = {digest: f"{base}/pictures/{digest}" for digest in digests}
        drawn, _ = self.room.room.typesetter.drawn(content)
        if drawn and drawn == rendering.cover:
            found[drawn] = f"{base}/cover.jpg?{cover_query(content.cover)}"
        return found

    def _checks(self, content: Content, found: list[Finding]) -> Mapping[str, object]:
        told, room = self.told(found), self.room.room
        renderings = room.typesetter.renderings(content)
        counted = {
            name: [
                {"name": self._say(f"tally.{one.what}"), "count": one.count, "limit": one.limit, "over": one.is_over}
                for one in tally
            ]
            for name, tally in tallies_of(room.renderers, renderings).items()
        }
        fields = {
            where: [{"text": one.text, "error": one.severity == "error"} for one in ones]
            for where, ones in by_field(told).items()
        }
        errors = sum(one.severity == "error" for one in told)
        return {
            "fields": fields,
            "tallies": counted,
            "summary": self.parts.wording("console.newsroom.summary", errors=errors, warnings=len(told) - errors),
            "errors": errors,
            "cover": cover_query(content.cover) if content.cover.lines and not content.cover.image else "",
        }

    def _say(self, key: str) -> str:
        return self.parts.wording(f"console.newsroom.{key}")


async def renderings_of(page: PostPage, work: "UnitOfWork", post: Post) -> dict[str, Rendering]:
    """What goes out of a post by channel: the kept renderings of an approved one, else those that would be approved."""
    room = page.room.room
    if not post.approved:
        only = set(room.enabled) & set(post.content.channels)
        return room.typesetter.renderings(post.content, only=only) if only else {}
    kept = {name: await work.posts.rendering(digest) for name, digest in post.approved.items()}
    order = [*post.content.channels, *post.approved]
    known = {name: rendering for name, rendering in kept.items() if rendering is not None}
    return {name: known[name] for name in dict.fromkeys(order) if name in known} | known


def cover_query(cover: Cover) -> str:
    """The words of a cover as the address of its picture has them."""
    return urlencode([*(("line", line) for line in cover.lines), ("tone", cover.tone.value)])
