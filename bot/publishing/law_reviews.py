"""What has to be read again because a law has changed: kept as small values until somebody has done it.

Compared are the texts that an operator loads with those that were loaded before. Every entry and post that cites a
changed article, or the law as a whole, is listed once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.audit import AuditEntry
from bot.laws.citation import Citation
from bot.publishing.editing import check_right
from bot.publishing.errors import UnknownLawReview
from bot.publishing.posts import Post
from bot.rights import Actor, Right

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

PREFIX = "law_review:"
_DIGITS = 32

Place = tuple[int, int]
"""Article and the N of 之N, else 0."""


class Kind(StrEnum):
    """What has to be read again."""

    ENTRY = "entry"
    POST = "post"


_RIGHTS: Mapping[Kind, Right] = {Kind.ENTRY: Right.EDIT_KNOWLEDGE, Kind.POST: Right.EDIT_POSTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class LawReview:
    """One thing to read again. subject: topic of the entry or id of the post; articles: those cited that changed."""

    law: str
    kind: Kind
    subject: str
    title: str
    articles: tuple[str, ...]
    at: datetime

    @property
    def id(self) -> str:
        """The same for the same law and thing: a second change of the law does not list it twice."""
        key = f"{self.law}\n{self.kind}\n{self.subject}"
        return hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class CitingEntry:
    """A FAQ entry with what it cites."""

    topic: str
    title: str
    citations: tuple[Citation, ...]


def changed_articles(old: Mapping[Place, str], new: Mapping[Place, str]) -> frozenset[Place]:
    """The articles whose text is another, or that came or went; none where no text was known before."""
    if not old:
        return frozenset()
    places = {*old, *new}
    return frozenset(place for place in places if _words(old.get(place)) != _words(new.get(place)))


class LawReviews:
    """The use cases: noting what has to be read, listing it, and saying that it was done."""

    async def note(
        self, work: "UnitOfWork", law: str, changed: Iterable[Place], entries: Iterable[CitingEntry], now: datetime
    ) -> list[LawReview]:
        """List what cites the changed articles of that law. Safe to repeat."""
        places = frozenset(changed)
        if not places:
            return []
        found = [
            _review(law, Kind.ENTRY, one.topic, one.title, _hit(law, places, one.citations), now) for one in entries
        ]
        for post in await work.posts.citing(law):
            title = post.content.title
            found.append(_review(law, Kind.POST, post.id, title, _hit(law, places, _all_citations(post)), now))
        reviews = [review for review in found if review.articles]
        for review in reviews:
            await work.values.save(f"{PREFIX}{review.id}", _document(review), now)
        return reviews

    async def list(self, work: "UnitOfWork", now: datetime) -> "list[LawReview]":
        """What is still to be read, by law and the oldest first."""
        values = await work.values.find_all(PREFIX, now)
        return sorted(
            map(_parse, values.values()), key=lambda review: (review.at, review.law, review.kind, review.title)
        )

    async def done(self, work: "UnitOfWork", actor: Actor, review_id: str, now: datetime) -> LawReview:
        """Somebody has read it. Raises NotAllowed, UnknownLawReview."""
        value = await work.values.find(f"{PREFIX}{review_id}", now)
        if value is None:
            raise UnknownLawReview(review_id)
        review = _parse(value)
        check_right(actor, _RIGHTS[review.kind])
        await work.values.delete(f"{PREFIX}{review_id}")
        data = {"kind": review.kind.value, "law": review.law}
        await work.audit.append(AuditEntry(actor.id, "law_review.done", subject=review.subject[:64], data=data))
        return review


def _hit(law: str, changed: frozenset[Place], citations: Iterable[Citation]) -> tuple[str, ...]:
    """The cited articles that changed; a dash where the law is cited as a whole."""
    mine = [citation for citation in citations if citation.law == law]
    hit = sorted({(c.article, c.suffix) for c in mine if c.article is not None} & changed)
    whole = ["—"] if any(citation.article is None for citation in mine) else []
    return (*(Citation(law, article, suffix).article_text for article, suffix in hit), *whole)


def _all_citations(post: Post) -> tuple[Citation, ...]:
    """What the post cites as it is written, and as it was approved."""
    approved = post.approved_content.citations if post.approved_content else ()
    return (*post.content.citations, *approved)


def _review(  # noqa: PLR0913, PLR0917 - the fields of one value
    law: str, kind: Kind, subject: str, title: str, articles: tuple[str, ...], at: datetime
) -> LawReview:
    return LawReview(law=law, kind=kind, subject=subject, title=title, articles=articles, at=at)


def _document(review: LawReview) -> str:
    told = {"law": review.law, "kind": review.kind, "subject": review.subject, "title": review.title}
    return json.dumps(
        {**told, "articles": review.articles, "at": review.at.isoformat()}, ensure_ascii=False, sort_keys=True
    )


def _parse(document: str) -> LawReview:
    read: dict[str, Any] = json.loads(document)
    return LawReview(
        law=read["law"],
        kind=Kind(read["kind"]),
        subject=read["subject"],
        title=read["title"],
        articles=tuple(read["articles"]),
        at=datetime.fromisoformat(read["at"]),
    )


def _words(text: str | None) -> str | None:
    return None if text is None else "".join(text.split())
