"""Names of employers and building sites brought to a form in which the same one is found again; credit codes checked.

Pure. The form is for finding only; what is shown is the name as it was entered.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

SHORTEST = 2
"""Characters of a name in its form."""

_IN_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_NOT_NAME = re.compile(r"[^0-9a-z\u3400-\u9fff]")
_LEGAL_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|股份公司|集团公司|总公司|公司|集团|有限合伙|普通合伙|合伙企业|个体工商户)+$"
)
_BEFORE_SITE = re.compile(r"^(?:在|位于|地址[:：]?|工地[:：]?|项目[:：]?)+")
_NO_SITE = re.compile(
    r"(?:|不知道|不清楚|说不清|不详|没有|无|保密|不便说|本地|外地|网上|家里|家中|单位|公司|总公司|分公司|工厂|厂里|厂区|车间|"
    r"工地|工地上|项目|项目部|店里|店铺|门店|饭店|酒店|超市|商场|医院|学校|幼儿园|宾馆|物业|仓库|宿舍|办公室|菏泽|菏泽市)"
)
_ONLY_AREA = re.compile(r".*(?:镇|乡|街道|街道办|办事处|村|社区|县|市|大道|路|街|附近|(?<![小园厂校矿库业])区)")
_AFTER_SITE = re.compile(r"(?:项目工地|建筑工地|工地|项目部|项目|施工现场|标段)+$")


def employer_form(name: str) -> str:
    """The form under which an employer of that name is found; empty when nothing is left.

    Width, spaces and signs do not count, nor what follows the proper name: 公司, 有限公司, (普通合伙).
    """
    folded = _NOT_NAME.sub("", _IN_BRACKETS.sub("", _folded(name)))
    stripped = _LEGAL_FORM.sub("", folded)
    form = stripped if len(stripped) >= SHORTEST else folded
    return form if len(form) >= SHORTEST else ""


def site_form(name: str) -> str:
    """The form under which a building site or workplace is found; empty when nothing is left."""
    folded = _NOT_NAME.sub("", _BEFORE_SITE.sub("", _folded(name).strip()))
    stripped = _AFTER_SITE.sub("", folded)
    form = stripped if len(stripped) >= SHORTEST else folded
    return form if len(form) >= SHORTEST else ""


def local_site_form(name: str, areas: Iterable[str] = ()) -> str:
    """The same without the area (one of these districts) before the name of the site."""
    form = site_form(name)
    names = {area_form for area in areas if (area_form := _NOT_NAME.sub("", _folded(area)))}
    area = max((one for one in names if form.startswith(one)), key=len, default="")
    rest = form.removeprefix(area)
    return rest if len(rest) >= SHORTEST else form


def named_site(said: str, areas: Collection[str] = ()) -> str:
    """The form of the one site that somebody named; empty where the words may mean many.

    Nobody has looked at the words yet: a town, a street, "the factory" or nothing but an area names no site.
    """
    form = local_site_form(said, areas)
    vague = _NO_SITE.fullmatch(form) or _ONLY_AREA.fullmatch(form) or form in {site_form(area) for area in areas}
    return "" if vague or len(form) <= SHORTEST else form


def is_like(form: str, other: str) -> bool:
    """Whether two forms may mean the same: one holds the other, as 曹县宏达建筑 does 宏达建筑."""
    shorter, longer = sorted((form, other), key=len)
    return len(shorter) > SHORTEST and shorter in longer


def read_credit_code(text: str) -> str:
    """The 统一社会信用代码 without blanks, in capitals; empty for an empty text. Raises ValueError when it is none."""
    if not text.strip():
        return ""
    try:
        code: str = uscc.validate(unicodedata.normalize("NFKC", text).upper())
    except ValidationError as error:
        raise ValueError("no credit code") from error
    return code


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
