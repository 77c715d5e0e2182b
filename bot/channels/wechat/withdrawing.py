"""Taking an article back: WeChat deletes it for good. Deleting what is gone changes nothing, so it may be repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.article_box import DRAFT_DELETE
from bot.channels.wechat.publish_errors import NO_SUCH_ARTICLE, detail, of_public_call
from bot.channels.wechat.publish_steps import ASK_JOB
from bot.clock import Clock
from bot.errors import VendorError
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Memory, Parcel

ARTICLE_DELETE = "/cgi-bin/freepublish/delete"
MASS_DELETE = "/cgi-bin/message/mass/delete"

_GONE = frozenset({5, 6})
"""Of freepublish/get: deleted by the account, taken down by WeChat."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What deletes it; an empty path where it is gone already."""

    path: str
    payload: Mapping[str, Any]


class Withdrawing:
    """Deletes what was published under a name that `send` gave. Of a mass message only the page is deleted."""

    def __init__(self, api: WeChatApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def withdraw(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Delete it. Refused for good with `by_hand` where only a person can."""
        try:
            call = await self._call(parcel.earlier)
        except VendorError as error:
            return self._failed(error)
        if call is None:
            return Refused("by_hand", permanent=True)
        await memory.intend()
        return await self._delete(parcel, call)

    async def again(self, parcel: Parcel) -> Outcome:
        """Whether it is gone, after nobody knew: by deleting it once more."""
        try:
            call = await self._call(parcel.earlier)
        except VendorError as error:
            return Unknown(error.code, detail(error))
        if call is None:
            return Refused("by_hand", permanent=True)
        outcome = await self._delete(parcel, call)
        if isinstance(outcome, Refused) and not outcome.permanent:
            return Unknown(outcome.code, outcome.detail)
        return outcome

    async def _call(self, earlier: str) -> _Call | None:
        """The call that deletes it; None where only a person can. Raises VendorError."""
        kind, _, name = earlier.partition(":")
        if kind == "publish" and name:
            return await self._of_job(name)
        if not name:
            return None
        if kind == "article":
            return _Call(ARTICLE_DELETE, {"article_id": name, "index": 0})
        if kind == "mass":
            return _Call(MASS_DELETE, {"msg_id": int(name) if name.isdecimal() else name, "article_idx": 0})
        if kind == "draft":
            return _Call(DRAFT_DELETE, {"media_id": name})
        return None

    async def _of_job(self, name: str) -> _Call | None:
        answer = await self._api.call(ASK_JOB, {"publish_id": name})
        if answer.get("publish_status") in _GONE:
            return _Call("", {})
        article = answer.get("article_id")
        return _Call(ARTICLE_DELETE, {"article_id": article, "index": 0}) if article else None

    async def _delete(self, parcel: Parcel, call: _Call) -> Outcome:
        try:
            if call.path:
                await self._api.call(call.path, call.payload)
        except VendorError as error:
            if error.code == NO_SUCH_ARTICLE:
                return Sent(vendor_id=parcel.earlier)
            if call.path == DRAFT_DELETE and error.permanent:
                return Refused("by_hand", permanent=True, detail=detail(error))  # a person has published it meanwhile
            return self._failed(error)
        return Sent(vendor_id=parcel.earlier)

    def _failed(self, error: VendorError) -> Refused | Unknown:
        return of_public_call(error, self._clock.now())
