"""Asking WeChat what came of an article: by the job it named, else by the drafts and the published articles.

Asking publishes nothing. The one call of sending that is repeated here names a draft that is gone and a `clientmsgid`
that WeChat has taken: it can only be told of the message that was sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wechat.api import ApiRefused, WeChatApi
from bot.channels.wechat.article_box import ArticleBox, Wanted
from bot.channels.wechat.publish_errors import NO_SUCH_MEDIA, SENT_BEFORE, detail
from bot.channels.wechat.publish_steps import (
    ASK_JOB,
    ASK_MASS,
    DRAFT,
    DRAFTING,
    HOW,
    JOB,
    KEY,
    LOST,
    MASS_SEND,
    SUBMITTED,
    Mode,
    mass_job,
    mass_message,
)
from bot.clock import Clock
from bot.errors import VendorError
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import Memory, Parcel

SETTLED_AFTER = timedelta(hours=1)
"""A draft that is still there so long after the call was not taken: an administrator has half an hour to confirm.
No shorter than what makes a delivery late by default: then it expires, and a person decides."""

EVENT_WITHIN = timedelta(minutes=30)
"""Only its event names the address of a mass-sent article; after so long the landing page stands instead."""

MASS_SENT = "SEND_SUCCESS"
MASS_FAILED = frozenset({"SEND_FAIL", "DELETE"})

_RUNNING = 1
_DONE = 0


class CameOf:
    """Finds out what came of an article. confirmed: an administrator of the account confirms every mass message."""

    def __init__(self, api: WeChatApi, box: ArticleBox, clock: Clock, *, confirmed: bool = False) -> None:
        self._api = api
        self._box = box
        self._clock = clock
        self._confirmed = confirmed

    async def ask(self, parcel: Parcel, memory: Memory) -> Outcome:
        """What WeChat says now. Asking that fails leaves everything open."""
        try:
            return await self._ask(parcel, memory)
        except VendorError as error:
            job = memory.get(JOB)
            if job:
                return self.waiting(job, code=error.code, said=detail(error))
            if memory.get(SUBMITTED):
                return Unknown(error.code, detail(error))
            return self._by_person(memory, code=error.code, said=detail(error))

    def waiting(self, job: str, *, code: str = "queued", said: str = "") -> Waiting:
        """WeChat has taken it; of a mass message an administrator may have to say yes."""
        person = self._confirmed and job.startswith("mass:")
        awaited = Awaited.ADMINISTRATOR if person else Awaited.PLATFORM
        return Waiting(awaited, code, said, vendor_id=job)

    async def _ask(self, parcel: Parcel, memory: Memory) -> Outcome:
        kind, _, name = memory.get(JOB).partition(":")
        if kind == "publish":
            return await self._of_job(memory.get(JOB), name)
        if kind == "mass":
            return await self._of_mass(memory.get(JOB), name, parcel, memory)
        if not memory.get(SUBMITTED):
            return await self._of_draft(parcel, memory)
        if memory.get(HOW) == Mode.MASS:
            return await self._of_lost_mass(parcel, memory)
        return await self._of_lost_job(parcel, memory)

    async def _of_job(self, job: str, name: str) -> Outcome:
        answer = await self._api.call(ASK_JOB, {"publish_id": name})
        status = answer.get("publish_status")
        if status == _DONE:
            return Sent(vendor_id=job, address=_first_address(answer))
        if status == _RUNNING:
            return self.waiting(job)
        return Refused(f"publish_status_{status}", permanent=True)

    async def _of_mass(self, job: str, name: str, parcel: Parcel, memory: Memory) -> Outcome:
        status = await mass_status(self._api, name)
        if status == MASS_SENT:
            if self._age(memory.get(SUBMITTED)) < EVENT_WITHIN:
                return self.waiting(job, code="sent_without_address")
            return Sent(vendor_id=job, address=parcel.rendering.link)
        if status in MASS_FAILED:
            return Refused(f"mass_{status.lower()}", permanent=True)
        return self.waiting(job, code=status.lower() or "queued")

    async def _of_draft(self, parcel: Parcel, memory: Memory) -> Outcome:
        """A person publishes it, and then the draft is gone: while it is there, such an article is another issue's."""
        if not memory.get(DRAFT):
            return Refused("not_there", permanent=False)
        if await self._box.has_draft(memory.get(DRAFT)):
            return self._by_person(memory, code="draft")
        published = await self._published(parcel, memory.get(DRAFTING))
        return published or self._by_person(memory, code="draft_gone")

    async def _of_lost_job(self, parcel: Parcel, memory: Memory) -> Outcome:
        """The answer to freepublish never came: the article is out, or the draft is still there, or nobody knows."""
        published = await self._published(parcel, memory.get(SUBMITTED))
        return published or await self._by_draft(memory)

    async def _published(self, parcel: Parcel, since: str) -> Sent | None:
        """The article of this delivery, where there is one."""
        rendering = parcel.rendering
        wanted = Wanted(rendering.parts["title"], rendering.link, datetime.fromisoformat(since))
        found = await self._box.find_published(wanted, parcel.taken)
        return Sent(vendor_id=found.name, address=found.address) if found else None

    async def _of_lost_mass(self, parcel: Parcel, memory: Memory) -> Outcome:
        """The answer to the mass message never came. Once the draft is gone the `clientmsgid` tells its name."""
        if await self._box.has_draft(memory.get(DRAFT)):
            return await self._by_draft(memory)
        try:
            message = mass_message(memory.get(DRAFT), memory.get(KEY) or parcel.key)
            job = mass_job(await self._api.call(MASS_SEND, message))
        except ApiRefused as error:
            if error.code == NO_SUCH_MEDIA:
                return await self._lost(memory)
            if error.code != SENT_BEFORE:
                raise
            job = mass_job(error.answer)
        if not job:
            return Unknown("no_name")
        await memory.keep(JOB, job)
        return await self._of_mass(job, job.partition(":")[2], parcel, memory)

    async def _by_draft(self, memory: Memory) -> Outcome:
        if not await self._box.has_draft(memory.get(DRAFT)):
            return await self._lost(memory)
        if self._age(memory.get(SUBMITTED)) < SETTLED_AFTER:
            return Unknown("draft_there")
        return Refused("not_there", permanent=False)

    async def _lost(self, memory: Memory) -> Unknown:
        """The draft is gone and nothing is published: should a person say so too, a new draft is made."""
        await memory.keep(LOST, memory.get(DRAFT))
        return Unknown("draft_gone")

    def _by_person(self, memory: Memory, *, code: str, said: str = "") -> Waiting:
        draft = memory.get(DRAFT)
        return Waiting(Awaited.PERSON, code, said, vendor_id=f"draft:{draft}" if draft else "")

    def _age(self, since: str) -> timedelta:
        return self._clock.now() - datetime.fromisoformat(since) if since else timedelta()


async def mass_status(api: WeChatApi, name: str) -> str:
    """What WeChat says of a mass message; empty when it says nothing. Raises VendorError."""
    answer = await api.call(ASK_MASS, {"msg_id": int(name) if name.isdecimal() else name})
    return str(answer.get("msg_status", ""))


def _first_address(answer: Mapping[str, Any]) -> str:
    items: list[Mapping[str, Any]] = (answer.get("article_detail") or {}).get("item") or []
    return str(items[0].get("article_url", "")) if items else ""
