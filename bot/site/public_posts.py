"""The public posts at one moment, as lists show them, and how they follow from what was sent. Pure but for the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import structlog

from bot.publishing.public_view import SentLine, Stamp, Standing, find_standing
from bot.publishing.rendering import Rendering
from bot.site.post_page import PostPage, read_page

log = structlog.get_logger(__name__)

_NEAR_FROM = 100
"""Of each tag so many of the newest posts are looked at for what is near to another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What lists say about a post."""

    standing: Standing
    slug: str
    title: str
    digest: str
    tags: tuple[str, ...]
    cover: str

    @property
    def published_at(self) -> datetime:
        """When it last came out."""
        return self.standing.published_at

    @property
    def is_gone(self) -> bool:
        """Whether it was taken back."""
        return self.standing.withdrawn_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """All posts at one moment. cards: by slug, the withdrawn ones too; newest: the public ones, the newest first."""

    stamp: Stamp = field(default_factory=Stamp)
    cards: Mapping[str, Card] = field(default_factory=dict)
    newest: Sequence[Card] = ()
    tags: Mapping[str, Sequence[Card]] = field(default_factory=dict)
    pictures: frozenset[str] = frozenset()

    @property
    def changed_at(self) -> datetime | None:
        """When readers last saw something new; None before anything came out."""
        return max((card.standing.changed_at for card in self.cards.values()), default=None)

    def near(self, page: PostPage, most: int) -> list[Card]:
        """Other posts with the same tags: the most in common first, then the newest."""
        common: dict[str, int] = defaultdict(int)
        for tag in dict.fromkeys(page.tags):
            for card in islice(self.tags.get(tag, ()), _NEAR_FROM):
                common[card.slug] += 1
        common.pop(page.slug, None)
        ranked = sorted(common, key=lambda slug: (-common[slug], -self.cards[slug].published_at.timestamp()))
        return [self.cards[slug] for slug in ranked[:most]]


@dataclass(frozen=True, slots=True)
class _Summary:
    """What is kept of a rendering for the lists."""

    slug: str
    title: str
    digest: str
    tags: tuple[str, ...]
    cover: str
    pictures: frozenset[str]


class Collection:
    """Grows with what was sent; only the posts that something new was sent of are looked at again."""

    def __init__(self) -> None:
        self._sent: dict[str, SentLine] = {}
        self._of_post: dict[str, list[SentLine]] = defaultdict(list)
        self._cards: dict[str, Card] = {}
        self._summaries: dict[str, _Summary | None] = {}

    @property
    def number(self) -> int:
        """How many lines it is made of."""
        return len(self._sent)

    def unknown(self, lines: Iterable[SentLine]) -> list[str]:
        """The renderings of these lines that it has not been told of."""
        return [digest for digest in dict.fromkeys(line.rendering for line in lines) if digest not in self._summaries]

    def tell(self, digests: Iterable[str], renderings: Mapping[str, Rendering]) -> None:
        """Keep what lists say of these renderings."""
        self._summaries |= {digest: _summary(digest, renderings.get(digest)) for digest in digests}

    def add(self, lines: Iterable[SentLine]) -> None:
        """Put in what was sent, in any order and as often as one likes. Its renderings are known."""
        new = [line for line in lines if line.delivery not in self._sent]
        for line in new:
            self._sent[line.delivery] = line
            self._of_post[line.post].append(line)
        for post in {line.post for line in new}:
            self._of_post[post].sort(key=lambda line: line.at)
            self._place(post)

    def snapshot(self, stamp: Stamp) -> Snapshot:
        """Everything as it stands now."""
        public = [card for card in self._cards.values() if not card.is_gone]
        newest = sorted(public, key=lambda card: (card.published_at, card.standing.first_at, card.slug), reverse=True)
        pictures = (self._summaries[card.standing.rendering] for card in newest)
        return Snapshot(
            stamp=stamp,
            cards={card.slug: card for card in self._cards.values()},
            newest=tuple(newest),
            tags=_by_tag(newest),
            pictures=frozenset(digest for said in pictures if said for digest in said.pictures),
        )

    def _place(self, post: str) -> None:
        standing = find_standing(self._of_post[post])
        said = self._summaries.get(standing.rendering) if standing else None
        if standing is None or said is None:
            self._cards.pop(post, None)
            return
        self._cards[post] = Card(
            standing=standing, slug=said.slug, title=said.title, digest=said.digest, tags=said.tags, cover=said.cover
        )


def _summary(digest: str, rendering: Rendering | None) -> _Summary | None:
    """What lists say of it; None for what is no page, which is told to the operator and shown to nobody."""
    try:
        page = read_page(rendering) if rendering else None
    except (KeyError, TypeError, ValueError):
        page = None
    if page is None:
        log.error("site.post_unreadable", rendering=digest, missing=rendering is None)
        return None
    pictures = frozenset({page.cover, *page.media} - {""})
    return _Summary(page.slug, page.title, page.digest, page.tags, page.cover, pictures)


def _by_tag(newest: Sequence[Card]) -> dict[str, list[Card]]:
    """The posts of each tag, the tags of most posts first."""
    tags: dict[str, list[Card]] = defaultdict(list)
    for card in newest:
        for tag in dict.fromkeys(card.tags):
            tags[tag].append(card)
    return dict(sorted(tags.items(), key=lambda pair: -len(pair[1])))
