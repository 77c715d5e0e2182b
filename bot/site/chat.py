"""The conversation page: what is typed or tapped goes through the inbox like on every channel."""

import hashlib
import secrets

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import StoreUnavailable
from bot.messages import Kind, Message
from bot.site.desk import source_of
from bot.site.forms import clean_text, read_form
from bot.site.history import Exchange, History
from bot.site.pages import FRAGMENT, Pages
from bot.site.patience import within
from bot.site.ports import SiteParts
from bot.site.session import CHANNEL, drop_session, find_session, keep_session, new_session

log = structlog.get_logger(__name__)

ENTRY, VOTE = "entry", "vote"


class ChatPages:
    """`/chat`: show, say or pick, delete."""

    def __init__(self, parts: SiteParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._history = History(parts)

    async def show(self, request: Request) -> Response:
        """The conversation so far, and where to go on writing."""
        session = find_session(request)
        exchanges = await self._history.find(session) if session else []
        return self._page(request, exchanges)

    async def say(self, request: Request) -> Response:
        """Take what was typed or picked; then the conversation again, or its new part for a script."""
        form = await read_form(request)
        text = clean_text(form.get("q", ""), self._parts.longest_question)
        pick = form.get("pick", "")
        if not text and not pick:
            return RedirectResponse("/chat", 303)
        session = find_session(request) or new_session()
        message = self._message(session, text, pick, form.get("key") or secrets.token_urlsafe(12), source_of(request))
        said = text
        try:
            async with within(self._parts.answer_within):
                said = await self._label(session, pick) if pick else text
                reply = await self._parts.inbox.receive(message)
                if reply is None:  # a repeat of what is still in work
                    response: Response = RedirectResponse("/chat", 303)
                else:
                    exchange = Exchange(message.key, said, reply)
                    await self._history.add(session, exchange)
                    response = self._answer(request, exchange)
        except StoreUnavailable as error:
            log.warning("site.chat_failed", cause=error.detail)
            response = self._apology(request, Exchange(message.key, said, self._parts.apology))
        keep_session(request, response, session)
        return response

    async def clear(self, request: Request) -> Response:
        """Delete everything kept about this session, and the session itself."""
        session = find_session(request)
        if session:
            async with within(self._parts.answer_within):
                await self._history.forget(session)
            log.info("site.conversation_deleted", person=self._parts.keys.person(CHANNEL, session))
        response = RedirectResponse("/chat?deleted=1", 303)
        drop_session(request, response)
        return response

    def _message(self, session: str, text: str, pick: str, nonce: str, source: str) -> Message:
        # The key belongs to this person, this page and this content: a form sent twice is a repeat,
        # another button on a page that the browser had kept is not, and nobody can name a message
        # of somebody else.
        said = hashlib.sha256(f"{nonce}\0{pick}\0{text}".encode()).hexdigest()[:32]
        return Message(
            channel=CHANNEL,
            sender=session,
            key=f"{self._parts.keys.person(CHANNEL, session)}:{said}",
            kind=Kind.CHOICE if pick else Kind.TEXT,
            received_at=self._parts.clock.now(),
            text="" if pick else text,
            action=pick,
            source=source,
        )

    async def _label(self, session: str, pick: str) -> str:
        """What was picked, in words; empty for what we never offered."""
        what, _, argument = pick.partition(":")
        if what == VOTE:
            key = f"site.vote.{argument}"
            return self._parts.wording(key) if self._parts.wording.has(key) else ""
        if what == ENTRY:
            entry = self._parts.answers.served(self._parts.clock.now()).get(argument)
            return entry.title if entry else ""
        offered = (choice for e in await self._history.find(session) for choice in e.reply.choices)
        return next((choice.label for choice in offered if choice.action == pick), "")

    def _answer(self, request: Request, exchange: Exchange) -> Response:
        if FRAGMENT in request.headers:
            return self._fragment(request, exchange)
        return RedirectResponse("/chat#latest", 303)

    def _apology(self, request: Request, exchange: Exchange) -> Response:
        # Nothing could be kept, so there is nothing to redirect to: the page itself says sorry.
        if FRAGMENT in request.headers:
            return self._fragment(request, exchange, status=503)
        return self._page(request, [exchange], status=503)

    def _page(self, request: Request, exchanges: list[Exchange], status: int = 200) -> Response:
        return self._pages.show(
            request,
            "chat.html",
            status=status,
            kept=False,
            exchanges=exchanges,
            key=secrets.token_urlsafe(12),
            first=self._parts.answers.hot_choices(self._parts.clock.now()),
            deleted="deleted" in request.query_params and not exchanges,
        )

    def _fragment(self, request: Request, exchange: Exchange, status: int = 200) -> Response:
        return self._pages.fragment(
            request, "chat_turn.html", status=status, exchange=exchange, key=secrets.token_urlsafe(12)
        )
