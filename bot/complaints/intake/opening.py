"""The words with which somebody begins: 我要投诉, 举报工地不发钱."""

import re

from bot.complaints.intake.commands import fold

_LONGEST = 400
_POLITE = (
    "(?:请问|你好|您好|老师|工会|同志|在吗|那个|那|我们|我|俺们|俺|咱|想要|想|要|准备|打算|需要|可不可以|可以|能不能|能|"
    "帮我|替我|实名|匿名|怎么|咋|如何|在哪里|在哪|去哪|到哪|在这里|在这|这里|"
    "跟你们|向你们|向工会|找你们|找工会|[,， ])*+"
)
_COMPLAIN = (
    "(?:登记投诉|投诉登记|登记维权|写投诉|发起投诉|投诉|举报|告状|检举|反映|反应(?=情况|问题|个事)|维权|申诉|上访|控告|"
    "(?<=[要想])告(?![诉知别假示白辞])|tousu|jubao)"
)
_THING = "(?:一下|下|一个|个|登记|举报|投诉|维权|件|箱|热线)*+(?:情况|问题|事情|事|单位|公司|老板|工厂|厂|他们|它|他)?+"
_TAIL = r"(?:怎么弄|怎么办|怎么投诉|可以|行|能)?+(?:[吗么吧呢啊呀了的,，?。!])*+"
_BARE = re.compile(rf"{_POLITE}(?:一个|一下|一起|个|登记(?!投诉|维权))*+{_COMPLAIN}{_THING}{_TAIL}")
_ABOUT = (
    "人|信|电话|热线|流程|有用|有效|需要|要多久|要什么|会不会|能不能|管用|中心|渠道|方式|材料|无门|过|了(?:没|也|好|很|几)|"
    "以后|之后|后|的时效|时效|期限"
)
"""What follows when somebody speaks of complaining and does not do it."""
_WITH_CONTENT = re.compile(rf"{_POLITE}{_COMPLAIN}(?!{_ABOUT})(?P<rest>.*)", re.DOTALL)
_LAST_CLAUSE = re.compile(r"[,，。;；!！\s]+")
_IN_THE_END = re.compile(
    rf"(?:所以|现在)?(?:我们|俺们|咱们|大家|我|俺|咱)(?:就|也|都|现在)*+(?:想要|想|要){_COMPLAIN}{_THING}(?:了|吧|啊)?+"
)
"""What people say when they have told the story first: 老板欠我三个月工资，我要投诉."""
_QUESTION = re.compile("[?？]$|(?:吗|么|呢|怎么办|咋办|怎么弄|有用没|行不行|行不)[?？]?$")
_CLOSING = "。.!！ \n"
_LEAST = 2
_ENOUGH = 4


def opens(text: str) -> bool:
    """Whether the text wants to complain, and does not ask about complaining: 投诉有用吗 is a question."""
    folded = fold(text)
    if len(text) > _LONGEST:
        return False
    if _BARE.fullmatch(folded):
        return True
    if _IN_THE_END.fullmatch(_LAST_CLAUSE.split(text.strip(_CLOSING))[-1]):
        return True
    match = _WITH_CONTENT.fullmatch(folded)
    return bool(match and len(match["rest"]) >= _LEAST and not _QUESTION.search(text.strip()))


def content_of(text: str) -> str:
    """What the opening words tell beyond the wish to complain; the whole text, as it was said, or nothing."""
    folded = fold(text)
    if not folded or _BARE.fullmatch(folded):
        return ""
    return text.strip() if len(folded) >= _ENOUGH else ""
