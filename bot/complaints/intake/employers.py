"""Whether words at the question for the employer name one, or tell what happened: 欠薪, 老板跑了."""

import re

from bot.complaints.intake.commands import fold, says_done, says_yes
from bot.complaints.intake.frame import Frame

_PLACE_OF_WORK = (
    "有限责任公司|有限公司|股份公司|分公司|公司|集团|工厂|厂|工地|项目部|项目|饭店|酒店|宾馆|饭馆|"
    "餐厅|超市|商场|商店|"
    "门店|店|学校|中学|小学|幼儿园|医院|诊所|合作社|工程队|施工队|劳务队|车队|银行|物业|家政|快递|外卖"
)
_MATTER = re.compile(
    "欠薪|拖欠|欠(?:我|俺|钱|了|着)|讨薪|要工资|工资|薪水|血汗钱|不发|没发|不给|没给|不结|没结|克扣|扣钱|扣工资|社保|公积金|"
    "五险|工伤|受伤|伤了|赔|补偿|辞退|开除|被辞|"
    "被裁|裁员|加班|合同|押金|罚款|打人|打我|骂|骚扰|跑了|跑路|失联|不管|"
    "没人管|工友|态度|太差|欺负|难听|不上班|干活|投诉|举报|维权|要钱|没钱|还钱|给钱"
)
_NAME = re.compile(
    rf"(?P<name>[\u4e00-\u9fffa-z0-9()（）·]{{2,30}}?(?:{_PLACE_OF_WORK}))(?![的地]?(?:{_PLACE_OF_WORK}))"
)
_BEFORE_NAME = re.compile(
    "^.*?(?:欠薪的|欠我?钱的|单位|公司|老板)?(?:就是|叫做?|名叫|是)|^(?:我们|俺们|我|俺|咱)?(?:都?是)?(?:在|给|替|跟)?"
)
_PERSON = re.compile(
    "(?:^|[,，、 是叫个])(?P<name>(?![我俺们他她])[\u4e00-\u9fff](?:老板|经理|总|工头))"
    "|姓[\u4e00-\u9fff]|叫[\u4e00-\u9fff]{2,3}"
)
_NO_NAME = re.compile(r"\d[年月号]|[年月]进|进的|入职|干了")
_TOO_LITTLE = frozenset(
    {"公司", "这个公司", "那个公司", "厂", "工厂", "工地", "这个厂", "那个厂", "单位", "店", "饭店", "超市"}
)


def names_no_employer(text: str, frame: Frame) -> bool:
    """Whether the words are a category or a complaint and name nobody."""
    folded = fold(text)
    titles = {part for option in frame.categories if isinstance(option.label, str) for part in _parts(option.label)}
    if folded in titles or any(folded == part for option in frame.categories for part in _parts(option.hint)):
        return True
    return (
        bool(_MATTER.search(folded) or _NO_NAME.search(folded)) and not employer_in(text) and not _PERSON.search(folded)
    )


def is_no_name(text: str) -> bool:
    """Whether the words answer some other question: 说完了, 对."""
    return says_done(text) or says_yes(text) is not None


def employer_in(text: str) -> str:
    """The name of the place of work in a sentence; empty where none stands there."""
    folded = fold(text)
    match, person = _NAME.search(folded), _PERSON.search(folded)
    if match is None:
        return (person["name"] or "") if person else ""
    name = _BEFORE_NAME.sub("", match["name"], count=1)
    return (
        "" if name in _TOO_LITTLE or len(name) < len("某厂") or _MATTER.search(name) or _NO_NAME.search(name) else name
    )


def tells_more_than_name(text: str) -> bool:
    """Whether a complaint stands beside the name."""
    return _MATTER.search(fold(text)) is not None


def _parts(text: str) -> list[str]:
    return [fold(part) for part in re.split("[、，,；;]", text) if part]
