"""A citation: which provision of which law, as content names it and as people read it. Pure."""

import re
from dataclasses import dataclass

from bot.laws.numerals import SUFFIXES

_ARTICLE = re.compile(rf"([1-9][0-9]{{0,3}})(?:之([{SUFFIXES}]))?")


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A provision: law (its short name), article with the N of 之N, paragraph 款 and item 项."""

    law: str
    article: int | None = None
    suffix: int = 0
    paragraph: int | None = None
    item: int | None = None

    @property
    def key(self) -> str:
        """The provision as `law:article`, e.g. 劳动合同法:85 or 刑法:276之一."""
        return f"{self.law}:{self.article_text}" if self.article else self.law

    @property
    def article_text(self) -> str:
        """The article number as written in entries: 85, 276之一; empty without an article."""
        if self.article is None:
            return ""
        return f"{self.article}之{SUFFIXES[self.suffix - 1]}" if self.suffix else str(self.article)

    @property
    def place(self) -> str:
        """Where in the law, in words: 第85条第1款第2项."""
        if self.article is None:
            return ""
        text = f"第{self.article}条" + (f"之{SUFFIXES[self.suffix - 1]}" if self.suffix else "")
        text += f"第{self.paragraph}款" if self.paragraph else ""
        return text + (f"第{self.item}项" if self.item else "")

    @property
    def label(self) -> str:
        """The provision as people read it: 《劳动合同法》第85条."""
        return f"《{self.law}》{self.place}"


def parse_article(text: str) -> tuple[int, int]:
    """The number and the N of 之N in `85` or `276之一`. Raises ValueError."""
    match = _ARTICLE.fullmatch(text)
    if match is None:
        raise ValueError(f"article {text!r} must look like 85 or 276之一")
    return int(match[1]), SUFFIXES.index(match[2]) + 1 if match[2] else 0
