"""The authorisation of our application by the federation's Weibo account: asked for, kept sealed, watched.

A person with the right opens the address that `begin` gives, agrees at Weibo, and comes back with a code to the
console, which calls `finish`. Weibo gives no other way to a new token, so a person is warned in good time.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import structlog

from bot.audit import AuditEntry
from bot.channels.weibo.api import WeiboApi
from bot.clock import Clock
from bot.errors import CannotOpen, VendorError
from bot.publishing.channel_status import WARN_AT_SHARE
from bot.publishing.errors import NotAllowed, NotAuthorised
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

Transaction = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]

STATE_LASTS = timedelta(minutes=10)
CALLBACK = "/console/channels/weibo/callback"
"""Where Weibo sends the person back to; with the public address it is the 授权回调页 of the application."""


class Authorised(StrEnum):
    """Whether Weibo takes calls in the account's name."""

    OK = "ok"
    SOON = "soon"  # a fifth of its life is left, or less
    AGAIN = "again"  # never given, over, or refused: a person has to authorise


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorisation:
    """What the account has granted. by: who fetched it. refused: Weibo's code, since it takes the token no more."""

    token: str = field(repr=False)
    uid: str
    name: str
    given_at: datetime
    lasts: timedelta
    by: str
    refused: str = ""

    @property
    def expires_at(self) -> datetime:
        """When it ends by itself."""
        return self.given_at + self.lasts

    def state(self, now: datetime) -> Authorised:
        """How it stands at that instant."""
        left = self.expires_at - now
        if self.refused or left <= timedelta(0):
            return Authorised.AGAIN
        return Authorised.SOON if left <= self.lasts * WARN_AT_SHARE else Authorised.OK


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How the authorisation stands, for people: nothing in it is secret."""

    state: Authorised
    name: str = ""
    uid: str = ""
    given_at: datetime | None = None
    expires_at: datetime | None = None
    lasts: timedelta | None = None
    refused: str = ""


class WeiboAuthorising:
    """Asks for the authorisation, keeps it and tells how it stands.

    base_url: the public address of the console; without one nothing can be authorised. `finish` opens transactions of
    its own, as Weibo is asked between them.
    """

    def __init__(  # noqa: PLR0913 - the parts are named and handed in
        self,
        *,
        api: WeiboApi,
        app_key: str,
        secret: str,
        base_url: str,
        read: Transaction,
        write: Transaction,
        clock: Clock,
    ) -> None:
        self._api = api
        self._app_key = app_key
        self._secret = secret
        self._redirect = f"{base_url}{CALLBACK}"
        self._read, self._write = read, write
        self._clock = clock
        self._kept_as = f"weibo.authorisation:{app_key}"

    async def begin(self, actor: Actor) -> str:
        """The address at which the person agrees. It is good for ten minutes, for this person, once.

        Raises NotAllowed.
        """
        _check(actor)
        state = secrets.token_urlsafe(24)
        now = self._clock.now()
        async with self._write() as work:
            await work.values.save(_asked_by(actor), state, now, now + STATE_LASTS)
            await work.commit()
        query = {
            "client_id": self._app_key,
            "redirect_uri": self._redirect,
            "response_type": "code",
            "state": state,
            "forcelogin": "true",  # else whoever is signed in to Weibo by chance would be authorised
        }
        return f"{self._api.base}/oauth2/authorize?{urlencode(query)}"

    async def finish(self, actor: Actor, *, state: str, code: str) -> Standing:
        """Exchange the code that Weibo gave for a token, and keep it. Raises NotAllowed, NotAuthorised.

        What is already there stays when this fails.
        """
        _check(actor)
        await self._take_state(actor, state)
        if not code:
            raise NotAuthorised("access_denied")
        given = await self._exchanged(actor, code)
        earlier = await self.find()
        async with self._write() as work:
            await self._keep(work, given)
            changed = {"account_changed": "yes"} if earlier and earlier.uid != given.uid else {}
            data = {"uid": given.uid, "days": str(given.lasts.days), **changed}
            await work.audit.append(AuditEntry(actor.id, "channel.authorised", subject="weibo", data=data))
            await work.commit()
        log.info("weibo.authorised", days=given.lasts.days)
        return self._standing(given)

    async def find(self) -> Authorisation | None:
        """What was granted, however it stands; None where nothing was or its key is gone."""
        async with self._read() as work:
            try:
                kept = await work.values.find(self._kept_as, self._clock.now())
            except CannotOpen:
                return None
        return _parsed(kept) if kept else None

    async def usable(self) -> Authorisation | None:
        """What was granted, where Weibo takes it; else None: a person has to authorise again."""
        found = await self.find()
        return found if found and found.state(self._clock.now()) is not Authorised.AGAIN else None

    async def standing(self) -> Standing:
        """How it stands now."""
        found = await self.find()
        return self._standing(found) if found else Standing(state=Authorised.AGAIN)

    async def refused(self, given: Authorisation, code: str) -> None:
        """Remember that Weibo took that token no more. One that was fetched meanwhile stays good."""
        async with self._write() as work:
            kept = await work.values.find(self._kept_as, self._clock.now())
            found = _parsed(kept) if kept else None
            if found is None or found.token != given.token or found.refused:
                return
            await self._keep(work, replace(found, refused=code))
            await work.commit()
        log.warning("weibo.authorisation_refused", code=code)

    def _standing(self, found: Authorisation) -> Standing:
        return Standing(
            state=found.state(self._clock.now()),
            name=found.name,
            uid=found.uid,
            given_at=found.given_at,
            expires_at=found.expires_at,
            lasts=found.lasts,
            refused=found.refused,
        )

    async def _take_state(self, actor: Actor, state: str) -> None:
        """Use up what was asked, so that nobody makes a person finish what they did not begin."""
        async with self._write() as work:
            kept = await work.values.find(_asked_by(actor), self._clock.now())
            await work.values.delete(_asked_by(actor))
            await work.commit()
        if not kept or not hmac.compare_digest(kept.encode(), state.encode()):
            raise NotAuthorised("state")

    async def _exchanged(self, actor: Actor, code: str) -> Authorisation:
        form = {
            "client_id": self._app_key,
            "client_secret": self._secret,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
        }
        try:
            answer = await self._api.post("/oauth2/access_token", form)
        except VendorError as error:
            log.warning("weibo.not_authorised", code=error.code)
            raise NotAuthorised(error.code) from None
        token, lasts, uid = answer.get("access_token"), _seconds(answer.get("expires_in")), answer.get("uid")
        if not isinstance(token, str) or not token or not lasts or not uid:
            raise NotAuthorised("bad_answer")
        return Authorisation(
            token=token,
            uid=str(uid),
            name=await self._name(token, str(uid)),
            given_at=self._clock.now(),
            lasts=lasts,
            by=actor.id,
        )

    async def _name(self, token: str, uid: str) -> str:
        """The account's name, so that staff see whose it is; empty where Weibo does not say."""
        try:
            shown = await self._api.get("/2/users/show.json", {"access_token": token, "uid": uid})
        except VendorError:
            return ""
        return str(shown.get("screen_name") or "")

    async def _keep(self, work: "UnitOfWork", given: Authorisation) -> None:
        await work.values.save(self._kept_as, _document(given), self._clock.now())


def _check(actor: Actor) -> None:
    if not may(actor.role, Right.AUTHORISE_CHANNELS):
        raise NotAllowed(Right.AUTHORISE_CHANNELS.value)


def _asked_by(actor: Actor) -> str:
    return f"weibo.asked:{actor.id}"


def _seconds(given: object) -> timedelta | None:
    text = str(given)
    return timedelta(seconds=int(text)) if text.isdecimal() and int(text) > 0 else None


def _document(given: Authorisation) -> str:
    return json.dumps(
        {
            "token": given.token,
            "uid": given.uid,
            "name": given.name,
            "given_at": given.given_at.isoformat(),
            "lasts": int(given.lasts.total_seconds()),
            "by": given.by,
            "refused": given.refused,
        },
        ensure_ascii=False,
    )


def _parsed(document: str) -> Authorisation:
    read: dict[str, Any] = json.loads(document)
    return Authorisation(
        token=read["token"],
        uid=read["uid"],
        name=read["name"],
        given_at=datetime.fromisoformat(read["given_at"]),
        lasts=timedelta(seconds=read["lasts"]),
        by=read["by"],
        refused=read["refused"],
    )
