"""How an entry would look on the site: its page by the site's own templates, for those who write it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date

from bot.answers.entries import Entry
from bot.settings import Federation
from bot.site.assets import Assets
from bot.site.faq import MOST_RELATED
from bot.site.pages import make_phones
from bot.site.ports import SiteWork
from bot.site.provisions import find_provisions
from bot.site.templating import make_environment
from bot.wording import Wording


class EntryPreview:
    """Renders entries that are not on the site yet, for one installation."""

    def __init__(
        self,
        wording: Wording,
        federation: Federation,
        read: Callable[[], AbstractAsyncContextManager[SiteWork]],
        *,
        takes_complaints: bool,
    ) -> None:
        self._read = read
        self._national = federation.regions[0]
        self._templates = make_environment(make_phones(wording, federation.hotline))
        self._templates.globals |= {
            "say": wording,
            "federation": federation,
            "hotline": federation.hotline,
            "style": Assets().url("site.css"),
            "takes_complaints": takes_complaints,
        }

    async def page(self, entry: Entry, related: Sequence[Entry], on: date, confirmed_on: date | None = None) -> str:
        """The document that shows the entry as readers of the site would see it that day.

        confirmed_on: when legal staff confirmed this very text, if they have.
        """
        return self._templates.get_template("entry_preview.html").render(
            entry=entry,
            confirmed_on=confirmed_on,
            related=related[:MOST_RELATED],
            review_due=entry.is_review_due(on),
            elsewhere=entry.region != self._national,
            laws=await find_provisions(self._read, entry.citations),
        )
