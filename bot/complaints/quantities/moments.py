"""What a time in a story belongs to, by the words around it: 去年腊月开始拖的, 上个月离开的, 10月5号摔的.

Pure. A word right before the time counts first (离职时间: 10月8号, 拖了三个月), then the next one behind it up to the
next time, then what stands before. A time without any such word is `PLAIN`; it is for the reader to ask.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.complaints.quantities.dates import LONGEST, Placed, When, find_placed
from bot.complaints.quantities.seasons import LunarCalendar


class About(StrEnum):
    """What happened then."""

    SINCE = "since"  # 开始这样：拖、欠、没发、没交
    STARTED = "started"  # 入职
    DISMISSED = "dismissed"  # 被辞退、通知走人
    LEFT = "left"  # 离开
    ACCIDENT = "accident"  # 受伤、查出病
    OTHER = "other"  # 答应、催要、住院、报警
    PLAIN = "plain"  # 没说


@dataclass(frozen=True, slots=True)
class Moment:
    """A time and what it belongs to. `marked`: the words call it the beginning. `lasted`: 三个月了, not a day."""

    when: When
    about: About
    marked: bool = False
    lasted: bool = False


_WE = "(?:我们|俺们|咱们|我|俺|咱|大家|工人)?"
_WORDS: Mapping[About, str] = {
    About.STARTED: (
        "入职|进(?:了|的|到)?(?:这|那|咱|俺)?(?:个|家)?(?:厂|公司|单位|工地)|来的|来(?:到|了)?(?:这|那|厂|公司|单位)|"
        "开始(?:上班|干活|干|工作|做工|在)|上的班|到岗|报到|招(?:进|来|的)"
    ),
    About.DISMISSED: (
        "被辞|辞退|辞了(?:我|俺)|开除|炒(?:了|鱿鱼|掉)|裁(?:了|掉|员|减)|被裁|撵|赶(?:我|俺|走|出)|解雇|解聘|解除|劝退|"
        f"(?:不让|不叫|没让|不准){_WE}再?(?:干|来|去|上班|进厂)|不要{_WE}了|(?:不用|甭|别|不要)再?来|(?:让|叫|通知){_WE}(?:走|滚)|"
        f"滚蛋|终止|把{_WE}(?:给)?(?:开|辞|裁)了"
    ),
    About.LEFT: (
        "离开|离职|离了|离厂|辞职|辞工|辞的|辞了|不干|不做了|没干了|没再干|没再去|不去了|没去|走的|走了|走人|走掉|跑回|"
        "退休|回的?家|回老家|完工|干完|不在(?:那|这|厂|单位|公司)|不搁那|散伙|结束"
    ),
    About.ACCIDENT: (
        "受伤|受的?工?伤|工伤|伤(?:了|着|到|的)|[摔砸轧压夹碾割烫烧撞绞扎刺挤](?:的|了|断|到|伤|着|下|掉|住)|"
        "出(?:了|的)?(?:工伤|事故|事|车祸)|事故|切(?:了|断|到|掉|着)|触电|电着|中毒|中暑|骨折|断了|确诊|查出|查的|检查出|诊断|"
        "晕倒|掉下|坠落|崴"
    ),
    About.OTHER: (
        "■|答应|承诺|保证|说好|讲好|许诺|约定|打(?:了|的)?欠条|写(?:了|的)?欠条|住院|出院|手术|养伤|休养|试用期|怀孕|生(?:的|了)孩子|产假|"
        "找过|去找|要过|催|报(?:过|了)?警|投诉过|起诉|仲裁|认定|鉴定|签的?(?:了|过)?(?:合同|协议)"
    ),
    About.SINCE: (
        "开始|起(?!来|重|诉|码|的早)|拖|欠|(?:没|不|未)(?:有|再|给|按时|按月|足额)?(?:发|给|结|开工资|开支|拿|领|交|缴|上社保|买|签|休|兑现|到账|见)|"
        "克扣|扣|押|停(?:发|薪|缴|保|工)|断(?:缴|交)|少(?:发|给|交|缴)|降薪|一直|至今|到现在|以来|加班|白干|调岗"
    ),
}
"""Later ones give way to earlier ones where two begin at one place: 开始上班 is no 开始."""

_PATTERNS = {about: re.compile(words) for about, words in _WORDS.items()}
_RIGHT_BEFORE = {
    about: re.compile(
        rf"(?:{words}){_WE}(?:的|了|过|着|发|有|给)*(?:工资|薪水|社保|钱)?(?:都|也|已经|快|差不多|大概|大约|整整|将近)*"
        rf"(?:时间|日期|日子|那天|时候)?(?:都|也|已经|就?是|为|:|在|于|大概|大约|快|有)*$"
    )
    for about, words in _WORDS.items()
}
_CALLED = {
    about: re.compile(
        rf"(?:{words})的?(?:时间|日期|日子|那天|时候|日)?(?:(?:就?是|为|:|在|于)+|(?<=间|期|职|伤|开|退|厂))$"
    )
    for about, words in _WORDS.items()
    if about is not About.SINCE
}
"""离职时间: 10月8号; a verb before a day may belong to what was told before it."""
_WORKED_TO = re.compile("(?:干|做|工作|上班|上)到")
_WORKED = re.compile(
    f"(?:干|做|工作|上班|上)(?:了|满|有|够)*(?:都|快|整整|将近)*$|{_WE}(?:来|进厂|来这)(?:都|快|已经)*了?$"
)
"""干了三年 tells when somebody came, not since when something is wrong."""

_FROM = re.compile("(?:从|自从?|打|由)$")
_BEGINS = re.compile("^(?:就|才)?(?:开始|起(?!诉)|以来|至今|到现在)")
_EVER_SINCE = re.compile("(?:就|一直|从来|至今|到现在|直到).{0,6}(?:没|不|未|欠|拖|少|扣)")
_ENDS = frozenset({About.LEFT, About.DISMISSED})
_THIRD = (
    "(?:老板娘?|包工头|工头|包工的|经理|领导|主管|会计|同事|工友|老乡|别人|他们?|她们?|班长|组长|人家|有的人?|有些人)"
)
_THEY_LEFT = re.compile(
    f"{_THIRD}(?:们|就|都|也|已经|突然|早)*(?:离开|离职|离了|辞职|辞了|走了|走的|走人|走掉|不干|回家|回老家|不在)了?"
)
_THEY = re.compile(f"(?<!被){_THIRD}(?:们|就|都|也)*$")
_NOT_ME = "■"
_ENUMERATED = re.compile("(?:、|和|跟|与|及|还有|,)?")
_LINE = re.compile(r"\s*\n\s*")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])(?<![年月号日周期底初末中旬今去前昨上下个第是于在自从到])[ \t\u3000]+")
"""Many leave a space where a comma would stand; within a date it means nothing."""
_CLAUSE = re.compile("[,，、；;]")
_SENTENCE = re.compile(r"[。!！?？\n]")
_PIECES = re.compile(r"[^。!！?？\n]*[。!！?？\n]?")
_FAR = 40
"""Signs behind a time in which its word is looked for."""


def find_moments(text: str, today: date, lunar: LunarCalendar) -> list[Moment]:
    """Every time in the text, in order, with what it belongs to. A long story is read piece by piece."""
    text = _GAP.sub(",", _LINE.sub("。", text))
    return [moment for piece in _pieces(text) for moment in _of_piece(*find_placed(piece, today, lunar), today)]


def _pieces(text: str) -> Iterator[str]:
    """Sentences together up to what is read at once."""
    piece = ""
    for sentence in _PIECES.findall(text):
        if piece and len(piece) + len(sentence) > LONGEST:
            yield piece
            piece = ""
        piece += sentence
    while piece:
        yield piece[:LONGEST]
        piece = piece[LONGEST:]


def _of_piece(text: str, placed: list[Placed], today: date) -> Iterator[Moment]:
    text = _THEY_LEFT.sub(lambda match: _NOT_ME * len(match[0]), text)
    yield from (Moment(one.when, About.PLAIN) for one in placed if one.when.begins is None)
    groups = list(_together(text, (one for one in placed if one.when.begins is not None)))
    for number, one in enumerate(groups):
        begins = groups[number - 1].end if number else 0
        ends = groups[number + 1].start if number + 1 < len(groups) else len(text)
        moment = _moment(one, text[begins : one.start], text[one.end : ends], today)
        if moment.about in _ENDS and one.when.ends and _WORKED_TO.search(one.when.said):  # 从年初干到国庆节就走了
            yield replace(moment, about=About.STARTED)
            yield replace(moment, when=replace(one.when, begins=one.when.ends, ends=None), marked=False)
        else:
            yield moment


def _together(text: str, placed: Iterable[Placed]) -> Iterator[Placed]:
    """8月、9月、10月没发: one time, from the first of them on."""
    group: list[Placed] = []
    for one in placed:
        if group and not _are_one_list(text, group[-1], one):
            yield Placed(group[0].start, group[-1].end, group[0].when)
            group = []
        group.append(one)
    if group:
        yield Placed(group[0].start, group[-1].end, group[0].when)


def _are_one_list(text: str, first: Placed, second: Placed) -> bool:
    if not _ENUMERATED.fullmatch(text[first.end : second.start]) or "月" not in text[first.start : first.end]:
        return False
    begins, more = first.when.begins, second.when.begins
    if first.when.ends or second.when.ends or begins is None or more is None:
        return False
    return begins.last < more.first and (more.first - begins.last).days <= 1


def _moment(one: Placed, before: str, after: str, today: date) -> Moment:
    before, after = _SENTENCE.split(before)[-1], _SENTENCE.split(after)[0][:_FAR]
    near = _CLAUSE.split(before)[-1] + ("了" if one.when.said.startswith("了") else "")
    lasted = one.when.ends is not None and one.when.ends.last == today and "到" not in one.when.said
    about = _about(near, after, lasted=lasted)
    if about is About.LEFT and _THEY.search(near):
        about = About.OTHER
    if about is About.STARTED and _EVER_SINCE.search(after):
        about = About.SINCE
    marked = bool(_BEGINS.search(after) or _FROM.search(near))
    if about is About.PLAIN and marked:
        about = About.SINCE
    when = one.when if about in {About.SINCE, About.PLAIN, About.OTHER} else replace(one.when, ends=None)
    return Moment(when, about, marked, lasted)


def _about(near: str, after: str, *, lasted: bool) -> About:
    clause = _CLAUSE.split(after)[0]
    if lasted and _WORKED.search(near):
        return About.STARTED
    for about, pattern in (_RIGHT_BEFORE if lasted else _CALLED).items():
        if pattern.search(near):
            return about
    return _first(clause) or _last(near) or _first(after) or About.PLAIN


def _first(text: str) -> About | None:
    """What the first word tells; of words at one place the one that stands first in the table."""
    found = [(match.start(), about) for about, pattern in _PATTERNS.items() if (match := pattern.search(text))]
    return min(found, key=lambda one: one[0])[1] if found else None


def _last(text: str) -> About | None:
    found = [(match.start(), about) for about, pattern in _PATTERNS.items() for match in pattern.finditer(text)]
    return max(found, key=lambda one: one[0])[1] if found else None


def about_what(moments: Iterable[Moment], *abouts: About) -> list[Moment]:
    """Those with days that belong to one of these, each time once."""
    found = [moment for moment in moments if moment.about in abouts and moment.when.begins is not None]
    return list({(moment.when.begins, moment.when.ends): moment for moment in found}.values())


def the_one(moments: Sequence[Moment]) -> Moment | None:
    """The one that is meant: alone, or alone called the beginning, or the only day among durations."""
    for wanted in (moments, [one for one in moments if one.marked], [one for one in moments if not one.lasted]):
        if len(wanted) == 1:
            return wanted[0]
    return None
