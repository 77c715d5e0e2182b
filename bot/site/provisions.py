"""What a page cites, law by law, with the texts that the operator has loaded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from bot.errors import StoreUnavailable
from bot.laws.citation import Citation
from bot.laws.statutes import StatuteText
from bot.site.ports import SiteWork

log = structlog.get_logger(__name__)

Reading = Callable[[], AbstractAsyncContextManager[SiteWork]]


@dataclass(frozen=True, slots=True)
class Provision:
    """An article that is cited, the places in it, and its text when one is loaded."""

    citations: Sequence[Citation]
    statute: StatuteText | None


async def find_provisions(read: Reading, citations: Iterable[Citation]) -> dict[str, list[Provision]]:
    """The cited articles of each law, in the order of the page."""
    cited: dict[str, dict[tuple[int, int], list[Citation]]] = {}
    for citation in citations:
        article = (citation.article or 0, citation.suffix)
        cited.setdefault(citation.law, {}).setdefault(article, []).append(citation)
    texts = await _statutes(read, {law: list(articles) for law, articles in cited.items()})
    return {
        law: [Provision(places, texts[law].get(article)) for article, places in articles.items()]
        for law, articles in cited.items()
    }


async def _statutes(
    read: Reading, wanted: Mapping[str, Sequence[tuple[int, int]]]
) -> dict[str, Mapping[tuple[int, int], StatuteText]]:
    if not wanted:
        return {}
    try:
        async with read() as work:
            return {law: await work.articles.find(law, articles) for law, articles in wanted.items()}
    except StoreUnavailable as error:
        # the page itself is in memory and helps without the texts
        log.warning("site.statutes_unavailable", cause=error.detail)
        return {law: {} for law in wanted}
