"""Name, phone and other ways of reaching somebody, as people type them in one breath: 王师傅 138-0000-0000."""

import re
import unicodedata

from bot.complaints.intake.answers import Contact

_SPLIT = re.compile(r"(?<=\d)[\s\-–—.·]+(?=\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}\d{7,8})(?!\d)")
_LOCAL = re.compile(r"(?<!\d)([2-8]\d{6,7})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dxX](?!\d)|(?<!\d)\d{15}(?!\d)")
_NEARLY = re.compile(r"(?<!\d)1\d{7,14}(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_ACCOUNT = re.compile(
    r"(?:微信号?|威信|vx|wx|v信|weixin|qq号?)(?:号|是|同号|:|：|\s)*([A-Za-z0-9_\-]{5,20})", re.IGNORECASE
)
_SAME = re.compile(r"微信(?:同号|也是这个|同手机号?)")
_WORDS = re.compile(
    r"我的?(?:名字|姓名)?(?:叫|是)|我姓|名字?(?:叫|是)|姓名|叫我|联系人|联系方式|联系电话|电话号码|手机号码|手机号|电话|手机|号码|微信|打这个|可以打|请打|是|[:：,，。.;；、/|\s()（）]+"
)
_NAME = re.compile(
    r"[\u4e00-\u9fff]{1,4}|[\u4e00-\u9fff]{2,8}·[\u4e00-\u9fff]{2,8}|[A-Za-z][A-Za-z .]{1,30}"
    r"|[\u4e00-\u9fff]{1,4}(?:师傅|女士|先生|老师|大姐|大哥|大嫂|大叔|同志)"
)
_NO_NAME = re.compile("[没不了吗呢吧都给要想留别啥谁]")
"""Signs that stand in sentences and hardly ever in names."""

_SHORTEST = 2
_LONGEST = 200


def read_contact(text: str) -> tuple[Contact, str]:
    """What the text gives, and what is wrong with it: the last part of a sentence's key, empty when nothing is."""
    folded = _SPLIT.sub("", unicodedata.normalize("NFKC", text.strip()))
    if len(folded) > _LONGEST:
        return Contact(), "contact_long"
    if _IDENTITY.search(folded):
        return Contact(), "contact_identity"
    phone = next((match[1] for p in (_MOBILE, _LANDLINE, _LOCAL) if (match := p.search(folded))), "")
    if not phone and _NEARLY.search(folded):
        return Contact(), "contact_digits"
    mail, account = _MAIL.search(folded), _ACCOUNT.search(folded)
    rest = folded.replace(phone, " ") if phone else folded
    rest = _SAME.sub(" ", rest.replace("+86", " "))
    others = [match[0] for match in (mail, account) if match]
    for other in others:
        rest = rest.replace(other, " ")
    words = [word for word in _WORDS.split(rest) if word]
    least = 1 if "姓" in folded else _SHORTEST
    names = (word for word in words if len(word) >= least and _NAME.fullmatch(word) and not _NO_NAME.search(word))
    name = next(names, "")
    unplaced = [word for word in words if word != name]
    if not (name or phone or others) and not any(char.isascii() and char.isalnum() for char in rest):
        return Contact(), "contact_nothing"
    return Contact(name=name, phone=phone, other="，".join([*others, *unplaced])), ""
