"""Numbers as people write them, vague ones included: 一万二, 1.5w, 两三千, 十几, 三百多, 一百来.

Pure. A number is read as a `Span`, the least and the most that the words allow; words around it
(大概, 不到, 以上) change the span. What cannot be read for certain is None: nothing is guessed here.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_ZERO = frozenset("零")
_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_TEN = 10
_VALUES = _UNITS | _BIG

_OTHER_SIGNS = str.maketrans(
    {
        **dict(
            zip(
                "壹贰叁肆伍陆柒捌玖拾佰仟貳參陸萬億兩幾餘個塊圓來過歲號週",
                "一二三四五六七八九十百千二三六万亿两几余个块元来过岁号周",
                strict=True,
            )
        ),
        "\u3007": "零",
        "○": "零",
        "俩": "两个",
        "仨": "三个",
        "廿": "二十",
        "卅": "三十",
        **dict.fromkeys("—–\u2212―~〜", "到"),
    }
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_SPACE = re.compile(r"(?<!\d)\s+|\s+(?!\d)")  # a space between two digits may part two numbers: it stays
_LETTER_UNIT = re.compile(r"(?<=[\d几多半一二两三四五六七八九十])个?([wk])(?![a-z])")
_POINT = re.compile(r"([\d零一二两三四五六七八九]+)点([\d零一二三四五六七八九]+)(?=[百千万亿块元])")
_NEIGHBOURS = re.compile(
    r"(?<![\d.零一二两三四五六七八九十百千万])([\d一二两三四五六七八九])[、,]([\d一二两三四五六七八九])(?=[十百千万个多周月天年号日])"
)


def fold(text: str) -> str:
    """The text with one sign for each meaning: half width, simplified numerals, 到 for every dash but the hyphen."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).lower()).translate(_OTHER_SIGNS)
    text = _SPACE.sub("", text.strip())
    text = _LETTER_UNIT.sub(lambda match: {"w": "万", "k": "千"}[match[1]], text)
    text = _POINT.sub(_decimal, text)
    return _NEIGHBOURS.sub(_neighbours_as_range, text)


def _decimal(match: re.Match[str]) -> str:
    return ".".join("".join(str(_DIGITS.get(sign, sign)) for sign in part) for part in match.groups())


def _neighbours_as_range(match: re.Match[str]) -> str:
    low, high = (_DIGITS.get(sign, -1) if not sign.isdecimal() else int(sign) for sign in match.groups())
    return f"{match[1]}到{match[2]}" if high == low + 1 else match[0]


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most that is meant; `high` None is open upward.

    `step` is the value of the last place said: 1000 in 三千, 100 in 3500. `above` and `below`
    say that the ends themselves are not meant: 二十多 is above 20 and below 30.
    """

    low: Fraction
    high: Fraction | None
    step: Fraction
    above: bool = False
    below: bool = False

    @property
    def exact(self) -> bool:
        """Whether one number is meant."""
        return self.low == self.high

    def times(self, factor: int) -> "Span":
        """The span counted in a unit that many times smaller."""
        high = None if self.high is None else self.high * factor
        return replace(self, low=self.low * factor, high=high, step=self.step * factor)

    def counted(self) -> tuple[int, int | None] | None:
        """The least and the most whole number, rounded outward; None when no whole number is meant."""
        if self.exact and self.low.denominator != 1:
            return None
        low = floor(self.low) + 1 if self.above else floor(self.low)
        if self.high is None:
            return low, None
        high = ceil(self.high) - 1 if self.below else ceil(self.high)
        return (low, high) if low <= high else None


_ONE_PERIOD = "个?(?:月|天|日|年|小时|钟头|星期|礼拜|周|人|件|方|吨|平|趟|车|单|名|位)"
_ONE = rf"(?:一(?!{_ONE_PERIOD})|(?<![\d一二两三四五六七八九百千万亿几多])一)"
"""In 三千一个月 the number ends before 一; in 二十一个月 it does not."""
_FIGURES = r"\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_ATOM = rf"(?:{_FIGURES}|{_ONE}|[零二两三四五六七八九十百千万亿]|[好大小]?几|数(?=[十百千万]))"
NUMERAL = rf"(?:百儿八十|千儿八百|万儿八千|{_ATOM}+(?:[多余来把](?!少|月|年)[万亿千百]?)?)"
"""Pattern of a number in folded text; `read_numeral` says whether it is one."""

_COLLOQUIAL = {
    # said, and what the words may mean; the bare forms are also how a hurried hand writes 180, 1800, 18000
    "百儿八十": (80, 120),
    "千儿八百": (800, 1200),
    "万儿八千": (8000, 12000),
    "百八十": (80, 180),
    "千八百": (800, 1800),
    "万八千": (8000, 18000),
    "百十": (90, 120),
    "百十来": (90, 120),
    "百十多": (100, 120),
    "一百十": (90, 120),
    "一百十来": (90, 120),
}
_MARKED = re.compile(r"(?P<head>.+)(?P<mark>[多余来把])(?P<unit>[万亿千百]?)")
_SOME = re.compile(r"(?P<head>.*?)(?P<kind>[好大小]?)[几数](?P<tail>[十百千万亿]*)")
_PAIR = re.compile(r"(?P<head>.*?)(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?P<tail>[十百千万亿]*)")
_SHORT = 5
_REMEMBERED = 1024
"""So many numerals: people say the same few again and again, and a form is read on two pages."""

_TOKEN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|.")
_POSITIONAL = re.compile("(?=.*零|.{4})[零一二三四五六七八九]{3,}")


def read_numeral(text: str) -> Span | None:
    """What a folded numeral means, whole; None when it is not one or may mean two things."""
    # Only short ones are remembered: a long one may be somebody's phone number.
    return _read_short(text) if len(text) <= _SHORT else _read(text)


@lru_cache(_REMEMBERED)
def _read_short(text: str) -> Span | None:
    return _read(text)


def _read(text: str) -> Span | None:
    if text in _COLLOQUIAL:
        low, high = _COLLOQUIAL[text]
        return Span(Fraction(low), Fraction(high), Fraction(10))
    if marked := _MARKED.fullmatch(text):
        return _read_marked(marked)
    if some := _SOME.fullmatch(text):
        return _read_some(some)
    if (pair := _PAIR.fullmatch(text)) and (between := _read_pair(pair)):
        return between
    return _read_exact(text)


def _read_marked(match: re.Match[str]) -> Span | None:
    """三百多, 十多万, 一百来, 万把."""
    head = f"一{match['head']}" if match["head"] in {"百", "千", "万", "亿"} else match["head"]
    base = read_numeral(head)
    if base is None or base.high is None or (match["mark"] in "来把" and base.step < _TEN):  # 二十五来 is no number
        return None
    if match["mark"] in "多余":
        span = replace(base, high=base.high + base.step, above=base.exact, below=True)
    else:
        span = replace(base, low=base.low - base.step / 5, high=base.high + base.step / 5)
    return span.times(_VALUES[match["unit"]]) if match["unit"] else span


def _some_more(head: str, tail: str) -> Span | None:
    base = _read_exact(head)
    if base is None or base.high is None or base.step < _TEN or len(tail) > 1:
        return None
    span = replace(base, high=base.high + base.step, above=True, below=True)
    return span.times(_VALUES[tail]) if tail else span


_SOME_FROM = {"": 2, "好": 3, "大": 5, "小": 2}
_SOME_TO = {"": 9, "好": 9, "大": 9, "小": 5}


def _read_some(match: re.Match[str]) -> Span | None:
    """几十, 十几万, 好几千, 二十大几; by reading the least and the most digit in its place."""
    head, kind, tail = match["head"], match["kind"], match["tail"]
    if head[-1:].isdecimal():  # 30几
        return _some_more(head, tail) if not kind else None
    least = 1 if head and not kind else _SOME_FROM[kind]
    low = _read_exact(f"{head}{_digit(least)}{tail}")
    high = _read_exact(f"{head}{_digit(_SOME_TO[kind])}{tail}")
    if low is None or high is None or high.high is None:
        return None
    return Span(low.low, high.high + high.step, high.step, below=True)


def _read_pair(match: re.Match[str]) -> Span | None:
    """两三千, 十七八, 一万五六; also 三五个."""
    first, second = _DIGITS[match["low"]], _DIGITS[match["high"]]
    if second != first + 1 and (first, second) != (3, 5):
        return None
    if match["head"] and match["head"][-1] in _DIGITS and match["head"][-1] != "零":
        return None
    low = _read_exact(f"{match['head']}{_digit(first)}{match['tail']}")
    high = _read_exact(f"{match['head']}{_digit(second)}{match['tail']}")
    if low is None or high is None:
        return None
    return Span(low.low, high.high, high.step)


def _digit(value: int) -> str:
    return "零一二三四五六七八九"[value]


def _read_exact(text: str) -> Span | None:
    if _POSITIONAL.fullmatch(text):
        text = "".join(str(_DIGITS[sign]) for sign in text)
    reader = _Exact()
    if not text or text[0] in "百千万亿" or not all(reader.take(token) for token in _TOKEN.findall(text)):
        return None
    return reader.result()


class _Exact:
    """Adds up a numeral sign by sign, refusing what is not well formed or may mean two things."""

    def __init__(self) -> None:
        self._total = Fraction(0)
        self._section = Fraction(0)  # what stands below the next 万 or 亿
        self._waiting: Fraction | None = None  # a digit or Arabic number that no unit has followed yet
        self._waiting_step = Fraction(1)
        self._arabic = ""
        self._unit = 0  # the last small unit in this section
        self._big = 0
        self._last = Fraction(0)  # value of the last place
        self._zero = False

    def take(self, token: str) -> bool:
        """Whether the sign fits here."""
        if token in _UNITS:
            return self._take_unit(_UNITS[token])
        if token in _BIG:
            return self._take_big(_BIG[token])
        if token in _DIGITS:
            if token in _ZERO:
                self._zero = self._waiting is None
                if self._total or self._section:
                    return self._zero
            return self._wait(Fraction(_DIGITS[token]), Fraction(1), "")
        if token[0].isdecimal():
            plain = token.replace(",", "")
            return self._wait(Fraction(plain), _place(plain), plain)
        return False

    def _wait(self, value: Fraction, step: Fraction, arabic: str) -> bool:
        if self._waiting is not None:
            return False
        self._waiting, self._waiting_step, self._arabic = value, step, arabic
        return True

    def _take_unit(self, unit: int) -> bool:
        if self._waiting is None:
            if unit != _TEN or (self._section and not self._zero):  # only 十 may stand without a digit
                return False
            self._waiting = Fraction(1)
        if self._unit and unit >= self._unit:
            return False
        self._section += self._waiting * unit
        self._last = (self._waiting_step if self._arabic else Fraction(1)) * unit
        self._unit, self._waiting, self._arabic, self._zero = unit, None, "", False
        return True

    def _take_big(self, big: int) -> bool:
        if self._big and big >= self._big:
            return False
        if self._waiting is not None:
            if self._is_elliptic():  # 三百五万
                return False
            self._last = self._waiting_step
            self._section += self._waiting
        if not self._section:
            return False
        self._total += self._section * big
        self._last *= big
        self._section, self._unit, self._big = Fraction(0), 0, big
        self._waiting, self._arabic, self._zero = None, "", False
        return True

    def result(self) -> Span | None:
        """The number, or None when its last sign may mean two things."""
        if self._waiting is not None:
            if not self._is_clear():
                return None
            self._last = self._tail_step()
            self._section += self._tail()
        value = self._total + self._section
        return Span(value, value, self._last or Fraction(1))

    def _is_elliptic(self) -> bool:
        """一万二 is 12000, 三百五 is 350: a last digit right behind a unit counts the next one."""
        before = self._unit or (self._big if not self._section else 0)
        return before >= 100 and not self._zero and len(self._arabic) <= 1  # noqa: PLR2004 - 二十五 is 25

    def _is_clear(self) -> bool:
        before = self._unit or self._big
        if self._is_elliptic():
            return self._tail_step() < self._last  # 1.5万3 is neither this nor that
        if not self._arabic or not before:
            return True
        places = len(self._arabic.partition(".")[0])
        return places in {len(str(before)) - 2, len(str(before)) - 1}  # 1万35 may be 10035 or 13500

    def _tail(self) -> Fraction:
        value = self._waiting or Fraction(0)
        return value * (self._unit or self._big) / 10 if self._is_elliptic() else value

    def _tail_step(self) -> Fraction:
        if self._is_elliptic():
            return Fraction(self._unit or self._big, 10)
        return self._waiting_step


def _place(plain: str) -> Fraction:
    """The value of the last place that an Arabic number is said in: 100 for 3500, 0.1 for 1.5."""
    whole, _, decimals = plain.partition(".")
    if decimals:
        return Fraction(1, 10 ** len(decimals))
    return Fraction(10 ** (len(whole) - len(whole.rstrip("0")))) if whole.strip("0") else Fraction(1)
