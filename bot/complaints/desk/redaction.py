"""Masking what tells who a worker is: on the page of a case, and in what is passed on to another body.

What the worker gave as name, phone and contact is masked wherever it stands; numbers, addresses of mail and
messengers by their form. A best effort: whoever passes a text on reads it first. Masking twice changes nothing more.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from bot.complaints.cases import Statement

_FOLD = {0xFF10 + n: ord("0") + n for n in range(10)} | {0xFF20: ord("@"), 0xFF0D: ord("-"), 0x3000: ord(" ")}
"""Full-width digits and signs as half-width ones, character for character."""

_SHORTEST_NAME = 2
_SHORTEST_CONTACT = 4
_PHONE_DIGITS = 7


class Mark(StrEnum):
    """What was masked."""

    NAME = "name"
    PHONE = "phone"
    CONTACT = "contact"
    ID_NUMBER = "id_number"
    CARD = "card"
    MAIL = "mail"
    ACCOUNT = "account"


_SHOWN = {
    Mark.NAME: "[姓名]",
    Mark.PHONE: "[电话]",
    Mark.CONTACT: "[联系方式]",
    Mark.ID_NUMBER: "[证件号]",
    Mark.CARD: "[卡号]",
    Mark.MAIL: "[邮箱]",
    Mark.ACCOUNT: "[账号]",
}

_SEP = r"[ \-]?"
_FORMS: tuple[tuple[Mark, re.Pattern[str]], ...] = (
    (Mark.MAIL, re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    (
        Mark.ACCOUNT,
        re.compile(
            r"(?P<kept>(?:微信|威信|薇信|v信|vx|wx|QQ|扣扣)(?:号码?)?(?:[是为:：= ]|就是|同号){0,3})"
            r"(?:[A-Za-z][A-Za-z0-9_-]{4,19}|[1-9]\d{4,11})(?![A-Za-z0-9_-])",
            re.IGNORECASE,
        ),
    ),
    (Mark.ID_NUMBER, re.compile(rf"(?<!\d)[1-9]\d{{5}}{_SEP}(?:19|20)\d{{2}}{_SEP}\d{{4}}{_SEP}\d{{3}}[\dXx](?!\d)")),
    (Mark.PHONE, re.compile(r"(?<!\d)(?:(?:\+|00)?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")),
    (Mark.PHONE, re.compile(r"(?<!\d)[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[ \-]?[2-8]\d{6,7}(?!\d)")),
    (Mark.CARD, re.compile(r"(?<!\d)\d{4}(?:[ \-]?\d{4}){3}(?:[ \-]?\d{1,3})?(?![\dA-Za-z])")),
    (
        Mark.NAME,
        re.compile(
            r"(?P<kept>(?:我叫|名叫|本人叫|我的?名字[是叫]|姓名[是为:：]{0,2}\s*))[\u4e00-\u9fff]{2,4}?(?=[,，。;；!！、\s]|$)"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what was found, and what kinds of it there were."""

    text: str = field(repr=False)
    marks: frozenset[Mark]


class Mask:
    """Masks texts of one case, knowing what the worker gave: the latest statement first, then what it corrected."""

    def __init__(self, *statements: Statement) -> None:
        known = {pattern.pattern: (mark, pattern) for said in statements for mark, pattern in _known(said)}
        # the longest first: a name that is part of another would leave the rest of that one standing
        self._known = tuple(sorted(known.values(), key=lambda one: -len(one[1].pattern)))

    def __call__(self, text: str) -> Masked:
        """The text masked."""
        marks: set[Mark] = set()
        for mark, pattern in (*self._known, *_FORMS):
            text = _replaced(text, pattern, mark, marks.add)
        return Masked(text, frozenset(marks))

    def text(self, text: str) -> str:
        """The text masked, without what kinds there were."""
        return self(text).text

    def betrays(self, text: str) -> frozenset[Mark]:
        """Which of the things that the worker gave stand in the text."""
        folded = text.translate(_FOLD)
        return frozenset(mark for mark, pattern in self._known if pattern.search(folded))


def without_numbers(text: str) -> str:
    """The text with the numbers of identity and bank cards masked, and nothing else."""
    for mark, pattern in _FORMS:
        if mark in (Mark.ID_NUMBER, Mark.CARD):
            text = _replaced(text, pattern, mark, lambda _: None)
    return text


def _known(statement: Statement) -> Iterator[tuple[Mark, re.Pattern[str]]]:
    phone = re.sub(r"\D", "", statement.phone.translate(_FOLD))
    if len(phone) >= _PHONE_DIGITS:
        yield Mark.PHONE, re.compile(r"[ \-]?".join(phone))
    contact = statement.contact.strip()
    if len(contact) >= _SHORTEST_CONTACT:
        yield Mark.CONTACT, re.compile(re.escape(contact.translate(_FOLD)), re.IGNORECASE)
    name = re.sub(r"\s", "", statement.name)
    if len(name) >= _SHORTEST_NAME:
        yield Mark.NAME, re.compile(r"\s?".join(map(re.escape, name)))
        if re.fullmatch(r"[\u4e00-\u9fff]{2,3}", name):
            surname = name[0]
            yield (
                Mark.NAME,
                re.compile(rf"(?:[老小]{surname}|{surname}(?:师傅|先生|女士|大哥|大姐|工))(?![\u4e00-\u9fff]?厂)"),
            )


def _replaced(text: str, pattern: re.Pattern[str], mark: Mark, found: Callable[[Mark], None]) -> str:
    """The text with what the pattern finds replaced; what it keeps stays."""
    parts: list[str] = []
    end = 0
    for match in pattern.finditer(text.translate(_FOLD)):  # same length: places agree
        kept = match.end("kept") if "kept" in pattern.groupindex else match.start()
        parts += [text[end:kept], _SHOWN[mark]]
        end = match.end()
        found(mark)
    return "".join([*parts, text[end:]])
