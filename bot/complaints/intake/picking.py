"""Which of the options a text means: its number, its name, or what else people type for it."""

import re
from collections.abc import Iterable, Sequence

from bot.complaints.intake.commands import agrees, fold, says_yes
from bot.complaints.intake.frame import Option
from bot.complaints.intake.options import ALL, NONE
from bot.complaints.intake.path import GONE, NO, STILL, UNSAID, YES
from bot.complaints.intake.steps import CONSENTS_IN_WORDS, Step
from bot.complaints.roles import Confidentiality

_DIGITS = "一二三四五六七八九十"
_LONGEST = 40
_FEW_WORDS = 8
_PARTS = re.compile("[、，,;；]")
_OF_PASSING_ON = re.compile("转|同意|看着办|你们[定办看]|哪些?单位|都行|可以")
_NUMBER = re.compile(
    rf"(?:第|我选|选择|选|回复|序号|就|是|填)?\s?(\d{{1,2}}|[{_DIGITS}])\s?(?:个|号|条|项|种)?[、吧啊呀的了]?"
)
_SEVERAL = re.compile(
    rf"(?:选|转给|转|给|同意|可以)?(?:第|\d|[{_DIGITS}]|[\s,、，.和跟与及/号个+]|以及|还有)++(?:都)?(?:行|可以|吧|同意)?"
)
_ONE = re.compile(rf"\d{{1,2}}|[{_DIGITS}]")
_EACH = "(?:这些|这几个|上面的?|所有|哪个|哪些)?的?(?:单位|部门)?"
_AGREE = "(?:可以|行|同意|愿意|给?转|选|没问题|没意见|能转|中)"
_ALL = re.compile(
    f"我?(?:我|俺)?(?:{_EACH}(?:全部|全都|都|全){_AGREE}(?:{_AGREE}|转|给)?|{_AGREE}(?:转|转给)?(?:全部|所有)(?:的?单位|的)?|"
    "全部|所有单位|所有的单位)[吧的了啊]?"
)
"""同意, 好, 行 alone name nobody: a consent to pass a matter on says to whom."""
_NONE = re.compile(
    "我?(?:全都|都|全|一个都|哪个都)?(?:暂时不|先不|不同意|不可以|不愿意|不需要|不想|不要|不用|不能|不|别)"
    "(?:同意|要|用|转给别的单位|转给别人|转|给|行|可以|需要)?[吧了的]?|没有|算了"
)
_NOT_PLAIN = re.compile(
    "[?？]|吗|么|呢|什么|啥|谁|怎么|为什么|干嘛|[不没别非除勿甭]|拒绝|算了|免了|如果|要是|看情况|再说"
)
"""With such words the name of a body is no consent."""
_DENIED = re.compile("(?:不想|不要|不用|不能|不是|不愿意|不愿|别给我|不|别|非|没)$")

_TYPED: dict[Step, dict[str, str]] = {
    Step.CONFIDENTIALITY: {
        Confidentiality.ANONYMOUS: (
            "匿名|匿明|逆名|不留名|不想留名|不留姓名|不透露|不露名|不想露名|不想?让(?:别|任何|其他)?人知道|niming"
        ),
        Confidentiality.CONFIDENTIAL: (
            "保密|(?:不想|不要|不能|不|别)(?:让|叫|给)?(?:老板|单位|公司|厂里|领导|经理|他们)(?:们|那边)?(?:知道|晓得)|"
            "(?:不|别)告诉(?:老板|单位|公司|厂里|领导)|baomi"
        ),
        Confidentiality.NAMED: "实名|真名|署名|公开|(?<!不)(?<!不想)留名|shiming",
    },
    Step.EMPLOYED: {
        STILL: "还在(?!外)|在职|在岗|没走|没离|没辞|没有离|没有走|没有辞|在干|在上班|在做|还干|仍在|上着班|在厂|在单位",
        GONE: (
            "(?<!没)(?<!没有)(?<!还没)(?<!不)(?:离开|离职|离了|走了|走人|辞职|辞了|辞掉|被辞|辞退|开除|炒|下岗|裁了|被裁|"
            "不在了|不在那|退休|走的|离的)|不干了|没干了|没在|没再干|回家了|不做了|早走|干完了|完工"
        ),
        UNSAID: "说不清|不好说|不清楚|放假|停工|停薪|待岗|等通知|不知道",
    },
}
_COMPILED = {step: {code: re.compile(words) for code, words in by_code.items()} for step, by_code in _TYPED.items()}


def picked_number(text: str) -> int | None:
    """The number that the text is, from one on; None for anything else."""
    match = _NUMBER.fullmatch(fold(text))
    return _value(match[1]) if match else None


def pick_one(text: str, step: Step, options: Sequence[Option]) -> Option | None:
    """The option that the text means; None when it means none or may mean two."""
    number = picked_number(text)
    if number is not None:
        return options[number - 1] if 1 <= number <= len(options) else None
    by_code = {option.code: option for option in options}
    if by_code.keys() >= {YES, NO}:  # a plain yes is the more careful one where there are two
        said = agrees(text) if step in CONSENTS_IN_WORDS else says_yes(text)
        return None if said is None else by_code[YES if said else NO]
    if step in _COMPILED:
        found = [c for c, pattern in _COMPILED[step].items() if _affirmed(pattern, fold(text))]
        return by_code[found[0]] if len(found) == 1 else None
    return named(text, options) or (_hinted(text, options) if step is Step.CATEGORY else None)


def _hinted(text: str, options: Iterable[Option]) -> Option | None:
    """A category by a word of its title or explanation: 社保, 加班费, 不签合同."""
    folded = fold(text)
    if len(folded) > _FEW_WORDS:
        return None
    words = {o.code: _PARTS.split(fold(f"{o.label},{o.hint}" if isinstance(o.label, str) else o.hint)) for o in options}
    found = [o for o in options if any(word and word in folded for word in words[o.code])]
    return found[0] if len(found) == 1 else None


def speaks_of_bodies(text: str, options: Iterable[Option]) -> bool:
    """Whether the text is about whom a matter may be passed on to, and tells nothing of the matter."""
    folded = fold(text)
    return _OF_PASSING_ON.search(folded) is not None or any(n in folded for o in options for n in names_of(o))


def named(text: str, options: Iterable[Option]) -> Option | None:
    """The one option whose name stands in the text; of names within one another the longest counts."""
    folded = fold(text)
    hits = [(name, option) for option in options for name in names_of(option) if name in folded]
    longest = [(name, o) for name, o in hits if not any(name != other and name in other for other, _ in hits)]
    found = {option.code: option for _, option in longest}
    return next(iter(found.values())) if len(found) == 1 else None


def names_of(option: Option) -> tuple[str, ...]:
    """Everything that people type for it."""
    own = (option.label,) if isinstance(option.label, str) else ()
    return tuple(fold(name) for name in (*own, *option.also) if name)


def pick_several(text: str, options: Sequence[Option]) -> tuple[str, ...] | None:
    """The codes that the text means, none of them for a no; None when it means nothing."""
    single = tuple(option.code for option in options if option.code not in {ALL, NONE})
    folded = fold(text)
    if len(folded) <= _LONGEST:
        if _SEVERAL.fullmatch(folded) and "个都" not in folded:  # 7个都可以 is not the seventh
            return _numbered([_value(n) for n in _ONE.findall(folded)], options, single)
        if _NONE.fullmatch(folded):
            return ()
        if _ALL.fullmatch(folded):
            return single
    meant = [option.code for option in options if any(name in folded for name in names_of(option))]
    return tuple(meant) if meant and not _NOT_PLAIN.search(folded) else None


def _numbered(numbers: list[int], options: Sequence[Option], single: tuple[str, ...]) -> tuple[str, ...] | None:
    """The codes behind the numbers. 13 among nine options is 1 and 3."""
    if any(not 1 <= number <= len(options) for number in numbers):
        numbers = [int(digit) for number in numbers for digit in str(number)]
    if not numbers or any(not 1 <= number <= len(options) for number in numbers):
        return None
    codes = list(dict.fromkeys(options[number - 1].code for number in numbers))
    if NONE in codes:
        return () if codes == [NONE] else None
    return single if ALL in codes else tuple(codes)


def _affirmed(pattern: re.Pattern[str], folded: str) -> bool:
    return any(not _DENIED.search(folded[: match.start()]) for match in pattern.finditer(folded))


def _value(numeral: str) -> int:
    return int(numeral) if numeral.isdecimal() else _DIGITS.index(numeral) + 1
