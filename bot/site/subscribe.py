"""`/subscribe`: asking to be told of new posts by mail, and the page on which that is changed or stopped.

What a form answers is the same whatever is known of the address. The page of a subscription is opened by the link that
was sent there, and by nothing else; looking at a page changes nothing, as programs of mail look at every link.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.complaints.worker.guesses import source_of_address
from bot.errors import StoreUnavailable
from bot.notice_settings import is_mailbox
from bot.site.forms import clean_text
from bot.site.pages import OK, Pages
from bot.site.patience import within
from bot.site.ports import SiteSubscriptions
from bot.site.shelf import Shelf
from bot.subscriptions.service import TooMany
from bot.subscriptions.subscribers import EMAIL, LONGEST_ADDRESS, Pace, Subscriber

log = structlog.get_logger(__name__)

BAD_FORM, TOO_MANY, NOT_FOUND = 422, 429, 404
MOST_TOPICS = 30
_MOST_FIELDS = 60
_ONE_CLICK = "List-Unsubscribe"


@dataclass(frozen=True, slots=True)
class _Form:
    """What was sent."""

    mailbox: str
    topics: tuple[str, ...]
    pace: Pace
    agreed: bool


class SubscribePages:
    """The form, the letter's link, and the preferences."""

    def __init__(self, parts: SiteSubscriptions, pages: Pages, shelf: Shelf | None) -> None:
        self._parts = parts
        self._pages = pages
        self._shelf = shelf
        self._clock = pages.parts.clock
        self._patience = pages.parts.answer_within

    async def show(self, request: Request) -> Response:
        """The form, and how to subscribe in a chat."""
        return await self._form(request, _Form("", (), Pace.WEEKLY, agreed=False), {})

    async def ask(self, request: Request) -> Response:
        """Take the form; a letter asks the owner of the address."""
        if EMAIL not in self._parts.service.channels:
            raise HTTPException(NOT_FOUND)
        form, words = await _read(request), self._pages.parts.wording
        faults = {}
        if not is_mailbox(form.mailbox) or len(form.mailbox) > LONGEST_ADDRESS:
            faults["mailbox"] = words("site_subscribe.fault.mailbox")
        if not form.agreed:
            faults["agree"] = words("site_subscribe.fault.agree")
        if faults:
            return await self._form(request, form, faults, status=BAD_FORM)
        source = source_of_address(request.client.host if request.client else "")
        try:
            async with within(self._patience), self._parts.write() as work:
                now = self._clock.now()
                await self._parts.service.ask(work, form.mailbox.lower(), form.topics, form.pace, source, now)
                await work.commit()
        except TooMany:
            return self._said(request, "too_many", status=TOO_MANY)
        return self._said(request, "asked")

    async def confirming(self, request: Request) -> Response:
        """Ask for the click that confirms."""
        token = str(request.path_params["token"])
        if self._parts.service.links.confirmed(token, self._clock.now()) is None:
            return self._said(request, "expired", status=NOT_FOUND)
        return self._pages.show(request, "subscribe_confirm.html", kept=False, token=token)

    async def confirm(self, request: Request) -> Response:
        """Begin."""
        token = str(request.path_params["token"])
        async with within(self._patience), self._parts.write() as work:
            known = await self._parts.service.confirm(work, token, self._clock.now())
            await work.commit()
        if known is None:
            return self._said(request, "expired", status=NOT_FOUND)
        log.info("subscription.confirmed", id=known.id)
        return self._said(request, "confirmed", manage=self._parts.service.links.manage_token(known.id))

    async def preferences(self, request: Request) -> Response:
        """What this link has subscribed to."""
        known = await self._opened(request)
        if known is None:
            return self._said(request, "unknown", status=NOT_FOUND)
        done = request.query_params.get("done", "")
        return self._pages.show(
            request,
            "subscribe_manage.html",
            kept=False,
            token=str(request.path_params["token"]),
            active=known.is_active,
            channel=known.channel,
            chosen=known.topics,
            topics=await self._topics(known.topics),
            pace=known.pace.value,
            paces=[pace.value for pace in Pace],
            done=done if done in ("changed", "stopped") else "",
        )

    async def change(self, request: Request) -> Response:
        """Change it, or begin anew."""
        token, form = str(request.path_params["token"]), await _read(request)
        async with within(self._patience), self._parts.write() as work:
            known = await self._parts.service.change(work, token, form.topics, form.pace, self._clock.now())
            await work.commit()
        return self._back(request, token, "changed" if known else "")

    async def stop(self, request: Request) -> Response:
        """Stop it: with the button of the page, and with that of a mail program (RFC 8058), which has no cookies.

        A mail program is led nowhere: it must not be given another address.
        """
        token, is_one_click = str(request.path_params["token"]), await _is_one_click(request)
        async with within(self._patience), self._parts.write() as work:
            is_ours = await self._parts.service.stop_by_link(work, token, self._clock.now())
            await work.commit()
        if not is_ours:
            return self._said(request, "unknown", status=NOT_FOUND)
        if is_one_click:
            return self._said(request, "stopped", manage=token)
        return self._back(request, token, "stopped")

    async def stopping(self, request: Request) -> Response:
        """Who opens the address that stops sees the page with the button: opening alone stops nothing."""
        return self._back(request, str(request.path_params["token"]), "")

    async def _form(self, request: Request, form: _Form, faults: dict[str, str], status: int = OK) -> Response:
        words, channels = self._pages.parts.wording, self._parts.service.channels
        return self._pages.show(
            request,
            "subscribe.html",
            status=status,
            kept=False,
            by_mail=EMAIL in channels,
            chats=[words(f"site_subscribe.chat.{channel}") for channel in sorted(channels - {EMAIL})],
            typed={"mailbox": form.mailbox, "agree": "1" if form.agreed else ""},
            chosen=form.topics,
            topics=await self._topics(form.topics),
            pace=form.pace.value,
            paces=[pace.value for pace in Pace],
            faults=faults,
            labels={name: words(f"site_subscribe.label.{name}") for name in faults},
        )

    def _said(self, request: Request, what: str, *, status: int = OK, manage: str = "") -> Response:
        words = self._pages.parts.wording
        return self._pages.show(
            request,
            "subscribe_said.html",
            status=status,
            kept=False,
            heading=words(f"site_subscribe.{what}.heading"),
            text=words(f"site_subscribe.{what}.text", hotline=self._pages.parts.federation.hotline),
            manage=manage,
            stopped=what == "stopped",
        )

    def _back(self, request: Request, token: str, done: str) -> Response:
        query = f"?done={done}" if done else ""
        return RedirectResponse(f"/subscribe/p/{token}{query}", 303)

    async def _opened(self, request: Request) -> Subscriber | None:
        async with within(self._patience), self._parts.read() as work:
            return await self._parts.service.opened(work, str(request.path_params["token"]))

    async def _topics(self, chosen: Sequence[str]) -> list[str]:
        """The topics that there are posts of, and those that were chosen before."""
        known: list[str] = []
        if self._shelf is not None:
            try:
                known = list(await self._shelf.topics())[:MOST_TOPICS]
            except StoreUnavailable as error:
                log.warning("site.topics_unavailable", cause=error.detail)
        return list(dict.fromkeys([*known, *chosen]))


async def _is_one_click(request: Request) -> bool:
    """Whether a mail program asks. What cannot be read is no reason to go on sending."""
    try:
        async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
            return form.get(_ONE_CLICK) == "One-Click"
    except HTTPException:
        return False


async def _read(request: Request) -> _Form:
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        texts = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
    topics = [clean_text(topic, 40) for topic in texts.get("topic", ())]
    pace = (texts.get("pace") or [""])[-1]
    mailbox = (texts.get("mailbox") or [""])[-1]
    return _Form(
        mailbox=clean_text(mailbox, LONGEST_ADDRESS + 1),
        topics=() if "all" in texts else tuple(topics),
        pace=Pace(pace) if pace in set(Pace) else Pace.WEEKLY,
        agreed=(texts.get("agree") or [""])[-1] == "1",
    )
