"""Sums of money in what a worker typed: 一万二, 1.5w, 三千多, 4500/月, 每人两三千, 3块5.

Pure. A sum that names another currency, or that may mean two things, is found and has no bounds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from bot.complaints.quantities.numerals import Span, fold
from bot.complaints.quantities.ranges import Amount, Bounds, Doubt, Per
from bot.complaints.quantities.vague import phrase, read_phrase

LONGEST = 300
"""Characters that are looked at: a longer answer is a story, not a sum."""

_MOST_YUAN = 10**12
_FEN = 100

_SUM = phrase("(?:块钱|元钱|块|元|人民币|rmb)")
_UNITS = ("unit", "late_unit", "unit2", "late_unit2")
_DIGIT = "[\\d一二两三四五六七八九]"
_CHANGE = re.compile(
    rf"零?(?P<jiao>{_DIGIT})(?:(?:毛|角)钱?(?:(?P<fen>{_DIGIT})分?)?)?(?=$|[,.。;!?、)\s]|钱|的|了|没|一|每|/|欠|不)"
)
_CHANGE_ALONE = re.compile(
    rf"(?<!{_DIGIT})(?P<jiao>{_DIGIT})(?:毛|角)钱?(?:(?P<fen>{_DIGIT})(?:分|(?=$|[,.。;!?、)\s]|一|每|/)))?"
)
_SIGNS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}

_FOREIGN = "(?:美|港|欧|日|韩|澳|加|新台|台)(?:元|币|金|刀|镑)|英镑|刀|欧(?!洲)|泰铢|比特币|积分|usd|hkd"
_FOREIGN_AFTER = re.compile(f"(?:{_FOREIGN})")
_FOREIGN_BEFORE = re.compile(r"(?:\$|usd|hkd|€|£)$")
_SUM_GOES_ON = re.compile(r"钱?(?:[乘×*加减]|x\d|\+(?!\d|$))")
"""四千五乘三个月, 3000加提成: what is meant is not this number."""
_SIGN_BEFORE = re.compile(r"(?:¥|rmb|人民币|cny):?$")

_PAY = "(?:的?(?:工资|薪水|收入|底薪|基本工资)|发|给|欠|差|挣|拿|开|是|才|就|只|能|有|:){0,3}$"
_ONE = "(?:每|一|1)"
_PERIODS = {
    Per.MONTH: ("个?月", f"(?:每个?月|[一1]个月|月薪|(?<!个)月(?:工资|收入)){_PAY}"),
    Per.DAY: ("天|日", f"(?:{_ONE}天|日薪|日工资|每日){_PAY}"),
    Per.HOUR: ("个?小时|个?钟头|时", f"(?:{_ONE}个?(?:小时|钟头)|时薪|小时工){_PAY}"),
    Per.WEEK: ("周|个?星期|个?礼拜", f"(?:{_ONE}(?:周|个?星期|个?礼拜)|周薪){_PAY}"),
    Per.YEAR: ("年", f"(?:{_ONE}年|年薪|年收入){_PAY}"),
    Per.PERSON: ("个?人|名|位", f"(?:{_ONE}个?人|人均|平均每人){_PAY}"),
    Per.PIECE: (
        "件|个|平(?:方?米|方)?|方|吨|米|车|趟|单",
        f"(?:{_ONE}(?:件|个(?!月|人)|平(?:方?米|方)?|方|吨|米|车|趟|单)|计件|单价){_PAY}",
    ),
}
_PER_BEFORE = {per: re.compile(before) for per, (_, before) in _PERIODS.items()}
_PER_AFTER = {per: re.compile(rf"钱?(?:/|{_ONE})(?:{unit})") for per, (unit, _) in _PERIODS.items()}
_WORD = re.compile("[\u4e00-\u9fff]")
_ANY_PER_AFTER = "|".join(f"(?:{unit})" for unit, _ in _PERIODS.values())

_MAY_FOLLOW = re.compile(
    rf"$|[,。;!?、()\]…~](?!\d)|\.(?!\d)|\s|(?:/|{_ONE})(?:{_ANY_PER_AFTER})|"
    "钱|工资|薪|欠|拖|押金|货款|的|了|没|未|不|吧|呢|啊|呀|还|就|都|给|发|到手|直到|到现在|税前|税后|底薪|包吃"
)
_OTHERWISE_COUNTED = re.compile(
    "[个月天年号日人名位岁次遍倍点钟周件%层楼班组厂线平米里斤吨度页条项款强家户车趟口届期批级路栋室方单比]|分(?!钱)|小时|星期|礼拜|公里|单元|热线|电话|报警|[a-z□]"
)
_NEVER_BEFORE = re.compile(r"(?:第|\d[.,:\-]?|[a-z\-+]|农历|阴历|拨打?|打了?)$")
_IDIOM_BELOW = 100
"""一直, 三番: smaller numbers with an unknown word behind them are no sums."""
_TOTAL_BEFORE = re.compile(
    "(?:一共|总共|共计|合计|总计|加起来|合起来|拢共|统共|总额|总数|总的?|共)(?:是|有|欠|差|还|我|工资|该|发){0,4}$"
)
_PAID_IN_PART = re.compile("(?:还差|还欠|剩|已经?(?:给|付|发|还)|(?:给|付|发|还|支)(?:了|过))")
_TOTAL_SAID = re.compile("共|合计")
_NO_SUM = re.compile(
    r"(?<!\d)(?:19|20)\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2}|[-/]\d{1,2})(?!\d)|(?:\d{4}|[一二][零一二三四五六七八九]{3})年(?:\d{1,2}月份?)?(?:\d{1,2}[日号])?"
    r"|(?<!\d)\d{9,}(?![\d.元块])|^\d{1,2}[.、)](?=[^\d\s])"
    "|[一半]个?(?:分|毛|块|子儿?)(?:钱|工资)?(?:都|也)?(?:没|不|未)|一毛不拔"  # 一分钱没给 names no sum
)


def find_amounts(text: str) -> list[Amount]:
    """Every sum that the text names, in order and each once."""
    return _each_once(amount for amount, _ in _amounts(text))


def read_amount(text: str) -> Amount:
    """The one sum that the text names, or the total where it names parts and a total; else no bounds, and why."""
    found = list(_amounts(text))
    sums = _each_once(amount for amount, _ in found)
    totals = _each_once(amount for amount, is_total in found if is_total)
    if len(sums) > 1 and len(totals) == 1 and not _PAID_IN_PART.search(text):
        sums = totals
    if len(sums) == 1:
        return replace(sums[0], said=text)
    return Amount(text, None, doubt=Doubt.SEVERAL if sums else Doubt.NOTHING)


def _each_once(amounts: Iterable[Amount]) -> list[Amount]:
    return list({(amount.bounds, amount.per, amount.doubt): amount for amount in amounts}.values())


def _amounts(text: str) -> Iterator[tuple[Amount, bool]]:
    """The sums of a text, and whether each is called the total."""
    folded = _NO_SUM.sub(lambda match: "□" * len(match[0]), fold(text[:LONGEST]))
    position = 0
    while position < len(folded):
        if match := _CHANGE_ALONE.match(folded, position):
            yield _amount(folded, match.start(), match.end(), _exactly(_change(match))), False
        elif (match := _SUM.match(folded, position)) and _is_sum(folded, match):
            end, span = _with_change(folded, match)
            is_total = bool(_TOTAL_BEFORE.search(folded[: match.start()]) or _TOTAL_SAID.search(match["before"]))
            yield _amount(folded, match.start(), end, span), is_total
            position = end
            continue
        position = match.end() if match else position + 1


def _is_sum(folded: str, match: re.Match[str]) -> bool:
    """Whether a number stands for money: by its unit or sign, or because nothing else is counted."""
    before, after = folded[: match.start("first")], folded[match.end() :]
    if any(match[unit] for unit in _UNITS) or _SIGN_BEFORE.search(before) or _FOREIGN_BEFORE.search(before):
        return True
    if _FOREIGN_AFTER.match(after):
        return True
    span = read_phrase(match)
    if span is None or _NEVER_BEFORE.search(before):
        return False
    return bool(_MAY_FOLLOW.match(after)) or (span.low >= _IDIOM_BELOW and not _OTHERWISE_COUNTED.match(after))


def _with_change(folded: str, match: re.Match[str]) -> tuple[int, Span | None]:
    """The sum with its 角 and 分: 3块5, 12元5角."""
    span, end = read_phrase(match), match.end()
    change = _CHANGE.match(folded, end) if match[0].endswith(("块", "元")) else None
    if span is None or not span.exact or change is None:
        return end, span
    return change.end(), _exactly(span.low + _change(change))


def _change(match: re.Match[str]) -> Fraction:
    jiao, fen = (int(sign) if sign.isdecimal() else _SIGNS[sign] for sign in (match["jiao"], match["fen"] or "0"))
    return Fraction(jiao * 10 + fen, _FEN)


def _exactly(value: Fraction) -> Span:
    return Span(value, value, Fraction(1))


def _amount(folded: str, start: int, end: int, span: Span | None) -> Amount:
    said = folded[start:end]
    foreign = _FOREIGN_AFTER.match(folded, end) or _FOREIGN_BEFORE.search(folded[:start])
    unclear = foreign or _SUM_GOES_ON.match(folded, end) or (said.endswith("+") and _WORD.match(folded, end))
    bounds = None if unclear or span is None else _in_fen(span)
    per = _per(folded[:start], folded[end:])
    return Amount(said, bounds, per, None if bounds else Doubt.UNCLEAR)


def _in_fen(span: Span) -> Bounds | None:
    low, high = span.low * _FEN, None if span.high is None else span.high * _FEN
    if max(low, high or low) > _MOST_YUAN * _FEN or (low == high and low.denominator != 1):
        return None
    return Bounds(floor(low), None if high is None else ceil(high))


def _per(before: str, after: str) -> Per:
    for per, pattern in _PER_BEFORE.items():
        if pattern.search(before):
            return per
    for per, pattern in _PER_AFTER.items():
        if pattern.match(after):
            return per
    return Per.TOTAL
