"""Numbers of people in what a worker typed: 二十多人, 十几个, 我们三个, 一百来号人, 就我自己.

Pure. The worker counts: 我和三个工友 are four.
"""

import re
from collections.abc import Iterable, Iterator

from bot.complaints.quantities.numerals import fold
from bot.complaints.quantities.ranges import Bounds, Doubt, Headcount
from bot.complaints.quantities.vague import phrase, read_phrase

LONGEST = 300
"""Characters that are looked at: a longer answer is a story, not a number."""

_MOST = 10_000_000

_KINDS = (
    "工友|工人|员工|同事|民工|农民工|老乡|职工|兄弟|姐妹|姊妹|伙计|师傅|学徒|临时工|大人|小伙子?|妇女|女工|男工|女的|男的|"
    "退休工|合同工|打工的|干活的|司机|保安|保洁|骑手|外卖员|人"
)
_PEOPLE = phrase(rf"(?:(?:个|名|位|口|号)?(?:{_KINDS})|个|名|位|口子?|号(?![码楼线院]))")
_UNITS = ("unit", "late_unit", "unit2", "late_unit2")
_MAY_FOLLOW = re.compile(
    r"$|[,.。;!?、()\]…~]|\s|都|没|未|被|一起|一块|在|的|吧|了|呢|啊|呀|也|全|要|不|还|跟|和|同|干|有|左右|受|涉及|共|欠|工资|拿|讨|呗|从|自从"
)
_NOT_PEOPLE = re.compile(
    "多?(?:半|来)?(?:月|星期|礼拜|小时|钟|季度|年)|班(?!上)|厂|工地|项目|公司|车间|部门|组|队|单位|村|楼|学期|店|点|亿|百分|问题|事|情况|电话|次|"
    "地方|办法|说法|理由|字|案|原因|孩子|小孩|老板|领导|经理|包工头|工头|劳务|微信|手机|合同|人次|民|[a-z%]"
)
_AND_ME_AFTER = re.compile("(?:和|跟|同|与|加上?|还有|连同)(?:我|俺|本人)(?!们|[的欠])")
_ALONE = re.compile(
    r"(?:就|只有|只是|仅|目前就?)?(?:我|本人|俺)(?:自己|自个儿?|一个|一个人|1个|1个人|1人|一人|本人|个人)?(?:的事)?[.。!吧]*"
    r"|(?:就|只有)?自己|没有?别人|没有?其他人|单独|个人"
)
_OTHERS_BEFORE = re.compile(
    r"(?:(?:我|俺|本人)(?:和|跟|与|同|还有|以及|加|带着?)(?:另外|其他|其它|别的|班上|组里)?(?:的|还有)?"
    r"|(?:除了?|不算|不包括|不含|没算)(?:我|俺|本人)(?:自己|本人|以?外|之外)?,?(?:还|另外|另)?(?:有|共有)?)$"
)
_MORE_BEFORE = re.compile(
    "(?:(?:还有|另外|另有|再加|其他|其余|剩下)(?:有|的)?|不(?:止|光|只|单)(?:是|有)?(?:我|俺|我们))$"
)
_NUMBER_ALONE = re.compile(
    r"(?:我们|咱们?|俺们?|工友|大家|班组|班上|一起的|加我|连我|算我|算上我|加上我|包括我|带我|人数|涉及|大概|约|有|共|一共|总共|合计|:|,|是)*"
)
_TOTAL_BEFORE = re.compile("(?:一共|总共|共计|合计|总计|加起来|拢共|统共|总的?)(?:是|有|我们|咱们){0,2}$")
_TOTAL_SAID = re.compile("共|合计")
_DATES = re.compile(
    r"\d{4}年(?:\d{1,2}月份?)?(?:\d{1,2}[日号])?|\d{1,2}月(?:\d{1,2}[日号])?|\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?"
)


def read_people(text: str) -> Headcount:
    """How many people the text says there are, the worker among them; else no bounds, and why."""
    if _ALONE.fullmatch(fold(text[:LONGEST])):
        return Headcount(text, Bounds(1, 1))
    found = list(_counts(text))
    counts = _each_once(bounds for bounds, _ in found)
    totals = _each_once(bounds for bounds, is_total in found if is_total)
    if len(counts) > 1 and len(totals) == 1:
        counts = totals
    if len(counts) == 1:
        return Headcount(text, counts[0], None if counts[0] else Doubt.UNCLEAR)
    return Headcount(text, None, Doubt.SEVERAL if counts else Doubt.NOTHING)


def _each_once(counts: Iterable[Bounds | None]) -> list[Bounds | None]:
    return list(dict.fromkeys(counts))


def _counts(text: str) -> Iterator[tuple[Bounds | None, bool]]:
    """The numbers of people in a text (None: not clear), and whether each is called the total."""
    folded = _DATES.sub(lambda match: "□" * len(match[0]), fold(text[:LONGEST]))
    position = 0
    while position < len(folded):
        match = _PEOPLE.match(folded, position)
        if match and _is_people(folded, match):
            before = folded[: match.start()]
            is_total = bool(_TOTAL_BEFORE.search(before) or _TOTAL_SAID.search(match["before"]))
            yield _with_the_worker(match, folded[: match.start("first")], folded[match.end() :]), is_total
        position = match.end() if match else position + 1


def _is_people(folded: str, match: re.Match[str]) -> bool:
    before, after = folded[: match.start()], folded[match.end() :]
    if _NOT_PEOPLE.match(after) or before.endswith(("第", "-", ".")) or "每" in before[-2:]:
        return False
    span = read_phrase(match)
    units = [match[unit] for unit in _UNITS if match[unit]]
    if units:
        return not (span and span.exact and units == ["号"])  # 20号 is a day
    return span is not None and bool(_MAY_FOLLOW.match(after)) and _NUMBER_ALONE.fullmatch(before) is not None


def _with_the_worker(match: re.Match[str], before: str, after: str) -> Bounds | None:
    """The number with the worker in it; None when it is not clear who is counted."""
    span = read_phrase(match)
    counted = span.counted() if span else None
    if counted is None or not (_MAY_FOLLOW.match(after) or _AND_ME_AFTER.match(after)):
        return None
    low, high = max(counted[0], 1), counted[1]
    if _OTHERS_BEFORE.search(before) or _AND_ME_AFTER.match(after):
        low, high = low + 1, None if high is None else high + 1
    elif _MORE_BEFORE.search(before):  # besides whom?
        return None
    return Bounds(low, high) if max(low, high or low) <= _MOST and (high is None or low <= high) else None
