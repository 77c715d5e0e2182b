"""Writing: one page with everything an author says, checked as it is saved. What was typed is never lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette_admin import route

from bot.console.pages import get_member, read_form, uploaded
from bot.console.views.newsroom_base import NOT_ALLOWED, actor_of
from bot.console.views.post_base import PostPage, by_field, tallies_of
from bot.console.views.post_form import (
    RELATED_FIELDS,
    PostForm,
    empty_form,
    form_of_content,
    form_of_fields,
    read_content,
)
from bot.console.views.post_previews import cover_query
from bot.console.views.post_titles import live_titles
from bot.publishing.diffing import DiffPart, diff
from bot.publishing.editing import check_right
from bot.publishing.errors import BadPicture, Changed, Faulty, NotAllowed, NotNow, SlugTaken
from bot.publishing.markdown_text import pictures
from bot.publishing.merging import merge
from bot.publishing.posts import Content, Cover, Post, PostState, Tone
from bot.publishing.rendering import MEDIA, Finding
from bot.rights import Right

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

INVALID, CONFLICT = 422, 409
SUBMIT, TO_BODY, TO_COVER = "submit", "picture", "cover"
CLOSED = frozenset({PostState.IN_REVIEW, PostState.WITHDRAWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanwhile:
    """What somebody else saved while this was written. contested: fields that both changed."""

    by: str
    parts: Sequence[DiffPart]
    contested: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Shown:
    """What the editor shows beside the form. notes: sentences above it."""

    form: PostForm
    post: Post | None
    faults: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    meanwhile: Meanwhile | None = None
    status: int = 200


class PostEditor(PostPage):
    """A new post, and one that is there."""

    @route("/new", methods=["GET", "POST"], name="post-new")
    async def new(self, request: Request) -> Response:
        """A new post."""
        self._check(request)
        if request.method == "POST":
            return await self._take(request, None)
        form = empty_form(self.room.room.enabled, self.parts.today())
        return await self._show(request, Shown(form=form, post=None))

    @route("/{id}/edit", methods=["GET", "POST"], name="post-edit")
    async def edit(self, request: Request) -> Response:
        """A post that is there."""
        self._check(request)
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
            titles = await live_titles(work)
        if request.method == "POST":
            return await self._take(request, post)
        if post.state in CLOSED:
            self.tell(request, self.room.room.words.not_now("edit"))
            return self.go(request, f"/posts/{post.id}")
        return await self._show(request, Shown(form=form_of_content(post.content, post.version, titles), post=post))

    @route("/pictures", methods=["POST"], name="posts-upload")
    async def upload(self, request: Request) -> Response:
        """Keep a picture for our script; the line that shows it in a text."""
        self._check(request)
        data = await read_form(request)
        try:
            digest = await self._keep_picture(data)
        except BadPicture:
            return JSONResponse({"problem": self._say("bad_picture")}, INVALID)
        finally:
            await data.close()
        address = f"{request.scope.get('root_path', '')}/posts/pictures/{digest}"
        return JSONResponse({"digest": digest, "line": self._line(digest), "address": address})

    async def _take(self, request: Request, post: Post | None) -> Response:
        data = await read_form(request)
        try:
            return await self._answer(request, data, post)
        finally:
            await data.close()

    async def _answer(self, request: Request, data: FormData, post: Post | None) -> Response:
        form, act = form_of_fields(data), str(data.get("act", ""))
        if act in (TO_BODY, TO_COVER):
            return await self._show(request, await self._with_picture(data, form, post, act))
        shown = Shown(form=form, post=post)
        try:
            saved = await self._save(request, shown)
        except (Faulty, SlugTaken, NotNow, Changed) as error:
            await self._explain(shown, error)
            return await self._show(request, shown)
        if uploaded(data, "file"):
            self.tell(request, self._say("picture_left"))
        if act == SUBMIT:
            return await self._submit(request, saved)
        self.say(request, "newsroom.saved")
        return self.go(request, f"/posts/{saved.id}/edit")

    async def _save(self, request: Request, shown: Shown) -> Post:
        actor, now, form = actor_of(get_member(request)), self.parts.now(), shown.form
        async with self.parts.write() as work:
            content, faults = await self._read(work, form)
            if faults:
                raise Faulty(faults)
            if shown.post is None:
                saved = await self.room.room.editing.create(work, actor, content, now)
            else:
                saved = await self.room.room.editing.save(
                    work, actor, shown.post.id, form.version, content, form["note"], now
                )
            await work.commit()
        return saved

    async def _submit(self, request: Request, post: Post) -> Response:
        """Hand in what was just saved; what keeps it back is said in the editor, where it can be mended."""
        try:
            async with self.parts.write() as work:
                actor = actor_of(get_member(request))
                await self.room.room.approval.submit(work, actor, post.id, post.version, self.parts.now())
                await work.commit()
        except Faulty:
            self.say(request, "newsroom.not_submitted", "warning")
            return self.go(request, f"/posts/{post.id}/edit")
        except (Changed, NotNow):
            self.tell(request, self.room.room.words.not_now("changed"))
        else:
            self.say(request, "newsroom.submitted")
        return self.go(request, f"/posts/{post.id}")

    async def _explain(self, shown: Shown, error: Faulty | SlugTaken | NotNow | Changed) -> None:
        """Say above the form why nothing was saved; after somebody else's change bring both together."""
        words, shown.status = self.room.room.words, INVALID
        if isinstance(error, Faulty):
            shown.faults = list(error.findings)
            shown.notes = [self._say("not_saved")]
        elif isinstance(error, SlugTaken):
            shown.faults = [Finding("slug_taken", where="slug")]
            shown.notes = [self._say("not_saved")]
        elif isinstance(error, NotNow):
            shown.notes = [words.not_now(error.what)]
        else:
            await self._bring_together(shown, error)

    async def _bring_together(self, shown: Shown, changed: Changed) -> None:
        async with self.parts.read() as work:
            theirs = await work.posts.find(changed.post)
            if theirs is None:
                raise HTTPException(404)
            revisions = await work.posts.revisions(changed.post)
            names, titles = await self.names(work), await live_titles(work)
            mine, faults = await self._read(work, shown.form)
        seen = next((one.content for one in revisions if one.number <= shown.form.version), None)
        base = seen or theirs.content
        merged = merge(base, mine, theirs.content)
        shown.meanwhile = Meanwhile(
            by=names.get(theirs.changed_by, ""), parts=diff(base, theirs.content), contested=merged.contested
        )
        shown.status, shown.post = CONFLICT, theirs
        if faults:  # what could not be read would be lost by writing the fields anew
            shown.form = replace(shown.form, version=theirs.version)
        else:
            shown.form = form_of_content(merged.content, theirs.version, titles).with_text("note", shown.form["note"])

    async def _with_picture(self, data: FormData, form: PostForm, post: Post | None, act: str) -> Shown:
        try:
            digest = await self._keep_picture(data)
        except BadPicture:
            return Shown(form=form, post=post, notes=[self._say("bad_picture")], status=INVALID)
        if act == TO_COVER:
            form = form.with_text("cover_image", digest)
            return Shown(form=form, post=post, notes=[self._say("cover_uploaded")])
        line = self._line(digest)
        form = form.with_text("body", f"{form['body']}\n\n{line}".strip())
        return Shown(form=form, post=post, notes=[self._say("picture_uploaded", line=line)])

    async def _keep_picture(self, data: FormData) -> str:
        upload = uploaded(data, "file")
        if upload is None:
            raise BadPicture
        made = await self.room.uploads.fit(await upload.read())
        async with self.parts.write() as work:
            digest = await work.pictures.put(made, self.parts.now())
            await work.commit()
        return digest

    async def _read(self, work: "UnitOfWork", form: PostForm) -> tuple[Content, list[Finding]]:
        """The post that was typed. One without a short address gets the first free one of the day."""
        stem = f"post-{self.parts.today():%Y%m%d}"
        slug, number = stem, 1
        while not form["slug"] and await work.posts.find_slug(slug) is not None:
            number += 1
            slug = f"{stem}-{number}"
        return read_content(form, await live_titles(work), slug)

    async def _show(self, request: Request, shown: Shown) -> Response:
        room, form = self.room.room, shown.form
        async with self.parts.read() as work:
            titles = await live_titles(work)
            content, faults = await self._read(work, form)
            begun = shown.post is not None or shown.notes
            found = await room.checker.check_stored(work, content, self.parts.today()) if begun else []
        told = list(dict.fromkeys(self.told([*faults, *shown.faults, *found])))
        renderings = room.typesetter.renderings(content) if begun else {}
        context = {
            "title": content.title or self._say("new_post"),
            "shown": shown,
            "form": form,
            "post": shown.post,
            "told": told,
            "beside": by_field(told),
            "errors": sum(one.severity == "error" for one in told),
            "channels": self._channels(form),
            "tallies": tallies_of(room.renderers, renderings),
            "titles": sorted(set(titles.values())),
            "related": [*form.related, *[""] * max(RELATED_FIELDS - len(form.related), 1)],
            "regions": list(dict.fromkeys([*self.room.room.checker.regions, *filter(None, [form["region"]])])),
            "tones": list(Tone),
            "cover_query": cover_query(Cover(content.cover.lines, content.cover.tone)) if content.cover.lines else "",
            "pictures": [(digest, self._line(digest)) for digest in dict.fromkeys(pictures(content.body))],
            "saved_slug": shown.post.content.slug if shown.post else "",
        }
        return self.show(request, "post_edit.html", context, status=shown.status)

    def _channels(self, form: PostForm) -> list[tuple[str, bool]]:
        """Every channel with whether it is switched on; those in use first."""
        room = self.room.room
        known = [code for code in room.renderers if code not in room.enabled]
        named = [code for code in form.channels if code not in (*room.enabled, *known)]
        return [*((code, True) for code in room.enabled), *((code, False) for code in (*known, *named))]

    def _check(self, request: Request) -> None:
        try:
            check_right(actor_of(get_member(request)), Right.EDIT_POSTS)
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None

    def _line(self, digest: str) -> str:
        return f"![{self._say('picture_text')}]({MEDIA}{digest})"

    def _say(self, key: str, **fields: object) -> str:
        return self.parts.wording(f"console.newsroom.{key}", **fields)
