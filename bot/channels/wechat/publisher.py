"""Publishing in the WeChat account: pictures, draft, then as the account may: a person, `freepublish`, or mass sending.

Everything up to the draft is seen by nobody and may be repeated; the one call that makes it public stands directly
behind `intend`. What came of that call is never guessed: WeChat says it in an event, and when it is asked (`came_of`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channels.wechat.api import ApiRefused, WeChatApi
from bot.channels.wechat.article_box import DRAFT_COUNT, PUBLISHED_LIST, ArticleBox, IssuedPictures, Wanted
from bot.channels.wechat.article_html import PICTURE
from bot.channels.wechat.came_of import MASS_FAILED, CameOf, mass_status
from bot.channels.wechat.parse import CHANNEL
from bot.channels.wechat.publish_errors import (
    NO_SUCH_MEDIA,
    SENT_BEFORE,
    detail,
    of_public_call,
    state_after,
    surely_not,
)
from bot.channels.wechat.publish_steps import (
    DRAFT,
    DRAFTING,
    HOW,
    JOB,
    KEY,
    LOST,
    MASS_SEND,
    SUBMIT,
    SUBMITTED,
    Mode,
    mass_job,
    mass_message,
    publish_job,
)
from bot.channels.wechat.withdrawing import Withdrawing
from bot.clock import Clock
from bot.errors import VendorError
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Unknown, Waiting
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel
from bot.publishing.rendering import MEDIA

QUOTA = "/cgi-bin/openapi/quota/get"
PER_MINUTE = 10
"""WeChat takes sixty mass messages a minute; nobody needs more than this."""


class WeChatPublisher:
    """The sender of the WeChat account.

    confirmed: the account's safety centre asks an administrator to confirm every mass message (API 群发保护).
    """

    channel = CHANNEL
    attended = False
    per_minute = PER_MINUTE

    def __init__(  # noqa: PLR0913 - the parts are named and handed in
        self,
        *,
        api: WeChatApi,
        issued: IssuedPictures,
        clock: Clock,
        mode: Mode = Mode.DRAFT,
        open_comments: bool = False,
        confirmed: bool = False,
    ) -> None:
        self._api = api
        self._box = ArticleBox(api, issued)
        self._clock = clock
        self._mode = mode
        self._open_comments = open_comments
        self._came_of = CameOf(api, self._box, clock, confirmed=confirmed)
        self._withdrawing = Withdrawing(api, clock)
        by_person = mode is Mode.DRAFT
        self.abilities = frozenset({Ability.RECONCILE} if by_person else {Ability.RECONCILE, Ability.WITHDRAW})

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Make the draft and, unless a person does that, make it public. An article out there cannot be changed."""
        if parcel.kind is Kind.EDIT:
            return Refused("not_possible", permanent=True)
        if parcel.kind is Kind.WITHDRAW:
            return await self._withdrawing.withdraw(parcel, memory)
        try:
            draft, is_new = await self._draft(parcel, memory)
        except VendorError as error:
            return surely_not(error, self._clock.now())
        if self._mode is Mode.DRAFT:
            return Waiting(Awaited.PERSON, "draft", vendor_id=f"draft:{draft}")
        return await self._make_public(parcel, memory, draft, is_new=is_new)

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Ask WeChat what came of it; nothing is published by asking."""
        if parcel.kind is Kind.WITHDRAW:
            return await self._withdrawing.again(parcel)
        return await self._came_of.ask(parcel, memory)

    async def health(self) -> ChannelHealth:
        """Whether the account takes drafts and may publish, and how many calls are left today."""
        try:
            counted = await self._api.ask(DRAFT_COUNT)
            if self._mode is Mode.PUBLISH:
                await self._api.call(PUBLISHED_LIST, {"offset": 0, "count": 1, "no_content": 1})
        except VendorError as error:
            return ChannelHealth(state=state_after(error), detail=detail(error))
        drafts = counted.get("total_count")
        quota = {"drafts": drafts} if isinstance(drafts, int) else {}
        return ChannelHealth(state=HealthState.READY, quota=quota | await self._calls_left())

    async def _draft(self, parcel: Parcel, memory: Memory) -> tuple[str, bool]:
        """The draft of this delivery, made once; whether it is new. Raises VendorError."""
        kept = memory.get(DRAFT)
        if kept and kept != memory.get(LOST):
            return kept, False
        if kept:  # it is gone, and somebody has said that it was not published
            await memory.keep(DRAFTING, "")
            await memory.keep(DRAFT, "")
        if found := await self._made_before(parcel, memory):
            await memory.keep(DRAFT, found)
            return found, True
        article = await self._article(parcel)
        await memory.keep(DRAFTING, self._now())
        draft = await self._add(parcel, article)
        await memory.keep(DRAFT, draft)
        await memory.note("draft_added", draft)
        return draft, True

    async def _made_before(self, parcel: Parcel, memory: Memory) -> str:
        """A draft that an earlier attempt made, whose name never reached us."""
        began = memory.get(DRAFTING)
        if not began:
            return ""
        rendering = parcel.rendering
        wanted = Wanted(rendering.parts["title"], rendering.link, datetime.fromisoformat(began))
        return await self._box.find_draft(wanted)

    async def _article(self, parcel: Parcel) -> dict[str, Any]:
        """The article as WeChat takes it: as approved, with the addresses that WeChat issued for its pictures."""
        rendering, pictures = parcel.rendering, parcel.pictures
        hosted = {digest: await self._box.inline(digest, pictures.get(digest)) for digest in rendering.media}
        article = {
            "article_type": "news",
            "title": rendering.parts["title"],
            "author": rendering.parts["author"],
            "digest": rendering.parts["digest"],
            "content": PICTURE.sub(lambda found: hosted[found[0].removeprefix(MEDIA)], rendering.parts["body"]),
            "content_source_url": rendering.link,
            "thumb_media_id": await self._box.cover(rendering.cover, pictures.get(rendering.cover)),
            "need_open_comment": int(self._open_comments),
            "only_fans_can_comment": 0,
        }
        return article | ({"pic_crop_1_1": square} if (square := rendering.parts.get("square")) else {})

    async def _add(self, parcel: Parcel, article: Mapping[str, Any]) -> str:
        try:
            return await self._box.add(article)
        except VendorError as error:
            if error.code != NO_SUCH_MEDIA:
                raise
        # somebody has deleted the cover from the account's materials
        cover = parcel.rendering.cover
        anew = await self._box.cover(cover, parcel.pictures.get(cover), anew=True)
        return await self._box.add({**article, "thumb_media_id": anew})

    async def _make_public(self, parcel: Parcel, memory: Memory, draft: str, *, is_new: bool) -> Outcome:
        if memory.get(JOB):  # of an attempt that came to nothing
            await memory.keep(JOB, "")
        await memory.keep(HOW, self._mode)
        await memory.keep(SUBMITTED, self._now())
        await memory.intend()
        try:
            job = await self._submit(draft, parcel, memory)
        except VendorError as error:
            if error.code == NO_SUCH_MEDIA and not is_new:
                await memory.keep(LOST, draft)
                return Unknown("draft_gone", detail(error))
            return of_public_call(error, self._clock.now())
        if not job:
            return Unknown("no_name")
        await memory.keep(JOB, job)
        return self._came_of.waiting(job)

    async def _submit(self, draft: str, parcel: Parcel, memory: Memory) -> str:
        """The call that makes it public; what WeChat calls the job. Raises VendorError."""
        if self._mode is Mode.PUBLISH:
            return publish_job(await self._api.call(SUBMIT, {"media_id": draft}))
        key = memory.get(KEY) or parcel.key
        job, is_new = await self._mass(draft, key)
        if is_new or await mass_status(self._api, job.partition(":")[2]) not in MASS_FAILED:
            return job
        # what had this key has failed for good, and somebody has let it go again: WeChat wants another key
        key = f"{parcel.key}-{job.partition(':')[2]}"
        await memory.keep(KEY, key)
        job, _ = await self._mass(draft, key)
        return job

    async def _mass(self, draft: str, key: str) -> tuple[str, bool]:
        """The message of that key, and whether it is new: WeChat sends a key once. Raises VendorError."""
        try:
            return mass_job(await self._api.call(MASS_SEND, mass_message(draft, key))), True
        except ApiRefused as error:
            if error.code != SENT_BEFORE:
                raise
            return mass_job(error.answer), False

    async def _calls_left(self) -> dict[str, int]:
        """What is left today of the call that makes articles public; nothing where WeChat does not say."""
        if self._mode is Mode.DRAFT:
            return {}
        path = SUBMIT if self._mode is Mode.PUBLISH else MASS_SEND
        try:
            answer = await self._api.call(QUOTA, {"cgi_path": path})
        except VendorError:
            return {}
        left = (answer.get("quota") or {}).get("remain")
        return {"calls_today": left} if isinstance(left, int) else {}

    def _now(self) -> str:
        return self._clock.now().isoformat()
