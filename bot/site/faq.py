"""The pages of the FAQ base: home, categories, entries with votes, search."""

from collections.abc import Mapping
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.answers.entries import Entry
from bot.answers.outcome import Outcome
from bot.answers.text import normalise
from bot.clock import local_date
from bot.site.forms import clean_text, read_form
from bot.site.pages import FRAGMENT, Pages
from bot.site.patience import within
from bot.site.ports import SiteParts
from bot.site.provisions import find_provisions
from bot.site.session import CHANNEL, find_session, keep_session, new_session
from bot.site.shelf import Shelf

log = structlog.get_logger(__name__)

UP, DOWN = "up", "down"
MOST_RELATED = 6
MOST_FOUND = 12
POSTS_ON_HOME = 3


class FaqPages:
    """Shows what the base holds."""

    def __init__(self, parts: SiteParts, pages: Pages, shelf: Shelf | None = None) -> None:
        self._parts = parts
        self._pages = pages
        self._shelf = shelf

    async def home(self, request: Request) -> Response:
        """Ask, the questions asked most, the categories, the newest posts, whom to call."""
        now = self._parts.clock.now()
        categories = self._pages.categories(now)
        posts = await self._shelf.latest(POSTS_ON_HOME) if self._shelf else ()
        hot = self._parts.answers.hot(now)
        return self._pages.show(request, "home.html", hot=hot, categories=categories, posts=posts)

    async def category(self, request: Request) -> Response:
        """All entries of one category."""
        categories = self._pages.categories(self._parts.clock.now())
        chosen = next((c for c in categories if c.id == request.path_params["id"]), None)
        if chosen is None:
            raise HTTPException(404)
        return self._pages.show(request, "category.html", category=chosen, categories=categories)

    async def entry(self, request: Request) -> Response:
        """One entry with all its parts."""
        now = self._parts.clock.now()
        served = self._parts.answers.served(now)
        entry = _get_entry(served, request)
        confirmed_on = self._parts.answers.confirmed_on(entry.topic)  # before anything is waited for: of this text
        vote = request.query_params.get("voted", "")
        return self._pages.show(
            request,
            "entry.html",
            entry=entry,
            confirmed_on=confirmed_on,
            review_due=entry.is_review_due(local_date(now)),
            elsewhere=entry.region != self._parts.federation.regions[0],
            laws=await find_provisions(self._parts.read, entry.citations),
            related=[served[topic] for topic in entry.related if topic in served][:MOST_RELATED],
            vote=vote if vote in (UP, DOWN) else "",
        )

    async def vote(self, request: Request) -> Response:
        """Keep the person's verdict on an entry; the last one counts."""
        now = self._parts.clock.now()
        entry = _get_entry(self._parts.answers.served(now), request)
        verdict = (await read_form(request)).get("helpful", "")
        if verdict not in (UP, DOWN):
            raise HTTPException(400)
        session = find_session(request) or new_session()
        person = self._parts.keys.person(CHANNEL, session)
        async with within(self._parts.answer_within), self._parts.write() as work:
            await work.votes.cast(
                person=person, topic=entry.topic, question="", channel=CHANNEL, helpful=verdict == UP, now=now
            )
            await work.commit()
        log.info("site.voted", topic=entry.topic, helpful=verdict == UP, person=person)
        if FRAGMENT in request.headers:
            response = self._pages.fragment(request, "entry_vote.html", entry=entry, vote=verdict)
        else:
            response = RedirectResponse(f"/faq/{quote(entry.topic)}?voted={verdict}#vote", 303)
        keep_session(request, response, session)
        return response

    async def search(self, request: Request) -> Response:
        """Entries near to a text; numbers to call first when somebody is in danger."""
        words = clean_text(request.query_params.get("q", ""), self._parts.longest_question)
        if not words:
            categories = self._pages.categories(self._parts.clock.now())
            return self._pages.show(request, "search.html", words="", categories=categories)
        now = self._parts.clock.now()
        answered = await self._parts.answers.ask(words, now)
        found = _named(self._parts.answers.served(now), words)
        if answered.outcome is not Outcome.NONE:
            found += await self._parts.answers.search(words, now, MOST_FOUND)
        return self._pages.show(
            request,
            "search.html",
            kept=False,
            words=words,
            notice=answered.reply.notice,
            refusal=answered.reply.text if answered.outcome is Outcome.NONE else "",
            found=list({entry.topic: entry for entry in found}.values())[:MOST_FOUND],
            categories=self._pages.categories(now),
        )


def _get_entry(served: Mapping[str, Entry], request: Request) -> Entry:
    entry = served.get(request.path_params["topic"])
    if entry is None:
        raise HTTPException(404)
    return entry


def _named(served: Mapping[str, Entry], words: str) -> list[Entry]:
    """The entries whose title says the words themselves."""
    wanted = normalise(words)
    return [entry for entry in served.values() if wanted and wanted in normalise(entry.title)]
