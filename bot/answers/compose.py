"""Entries and outcomes -> `Reply`: what is said, in which order, with the words of `content/`."""

from collections.abc import Sequence
from datetime import date

from bot.answers.entries import Entry
from bot.laws.citation import Citation
from bot.messages import Choice, Link, Reply
from bot.wording import Wording

MOST_RELATED = 3
MOST_SUGGESTED = 4


def entry_path(topic: str) -> str:
    """The page of an entry on the site."""
    return f"/faq/{topic}"


def basis_line(citations: Sequence[Citation]) -> str:
    """Citations in one line, articles of one law together: 《劳动合同法》第30、85条."""
    places: dict[str, list[Citation]] = {}
    for citation in citations:
        places.setdefault(citation.law, []).append(citation)
    return "；".join(f"《{law}》{_articles(cited)}" for law, cited in places.items())


def _articles(cited: Sequence[Citation]) -> str:
    """The articles of one law, each once, in their order: 第30、85条."""
    numbers = sorted({(c.article, c.suffix, c.article_text) for c in cited if c.article is not None})
    plain = [text for _, suffix, text in numbers if not suffix]
    inserted = "".join(f"第{text.replace('之', '条之')}" for _, suffix, text in numbers if suffix)
    return (f"第{'、'.join(plain)}条" if plain else "") + inserted


class Composer:
    """Builds replies; holds the words and what identifies the federation."""

    def __init__(
        self, wording: Wording, hotline: str, regions: Sequence[str], *, takes_complaints: bool = False
    ) -> None:
        self._words = wording
        self._hotline = hotline
        self._national = regions[0]
        self._takes_complaints = takes_complaints

    def entry(  # noqa: PLR0913 - what an answer is made of, all but the first named
        self,
        entry: Entry,
        related: Sequence[Entry],
        on: date,
        *,
        confirmed_on: date | None = None,
        question_id: str = "",
        notice: str = "",
    ) -> Reply:
        """An entry as a chat message: short answer, legal basis, the page, what else there is.

        confirmed_on: when legal staff confirmed it; until then the message says that it is general information.
        """
        words = self._words
        remarks = []
        if entry.is_review_due(on):
            remarks.append(words("answer.review_due", date=entry.review_by.isoformat(), hotline=self._hotline))
        if entry.region != self._national:
            remarks.append(words("answer.region", region=entry.region))
        if confirmed_on is None:
            remarks.append(words("answer.general", hotline=self._hotline))
        else:
            remarks.append(words("answer.confirmed_short", date=confirmed_on.isoformat(), hotline=self._hotline))
        choices = tuple(Choice(e.title, f"entry:{e.topic}") for e in related[:MOST_RELATED])
        if self._takes_complaints and entry.complaint_category:
            choices = (*choices, Choice(words("intake.offer"), f"complain:{entry.topic}"))
        return Reply(
            title=entry.title,
            text=entry.short,
            basis=words("answer.basis", basis=basis_line(entry.citations)),
            note="\n".join(remarks),
            links=(Link(words("answer.more"), entry_path(entry.topic)),),
            prompt=words("answer.related") if related else "",
            choices=choices,
            hint=words("answer.hint"),
            topic=entry.topic,
            question_id=question_id,
            notice=notice,
        )

    def near(self, kind: str, entries: Sequence[Entry], *, question_id: str = "", notice: str = "") -> Reply:
        """Near questions to pick from. `kind` names the words: suggest, none or other_law."""
        words = self._words
        choices = tuple(Choice(e.title, f"entry:{e.topic}") for e in entries[:MOST_SUGGESTED])
        return Reply(
            text=words(f"{kind}.text", hotline=self._hotline),
            prompt=words(f"{kind}.prompt") if choices else "",
            choices=choices,
            hint=words(f"{kind}.hint", hotline=self._hotline) if choices else "",
            question_id=question_id,
            notice=notice,
        )

    def sentence(self, key: str, *, question_id: str = "") -> Reply:
        """A reply of one sentence of `content/replies/`."""
        return Reply(text=self._words(key, hotline=self._hotline), question_id=question_id)
