"""Whether a message is a question to be answered in between, and not an answer: 仲裁要钱吗."""

import re

from bot.complaints.intake.commands import fold, read_order, says_done, says_unknown
from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.path import current_step
from bot.complaints.intake.picking import picked_number
from bot.complaints.intake.reading import read_answer
from bot.complaints.intake.steps import SORTS, Sort, Step
from bot.complaints.intake.story import tells

_SHORTEST, _LONGEST = 3, 60
_ASKS = re.compile(
    r"[?]|吗|么$|呢$|怎么|咋|如何|为什么|为啥|多少钱|多久|多长时间|几天|哪里|哪儿|去哪|哪个部门|能不能|可不可以|是不是|有没有|要不要|会不会|算不算|合不合法|什么是|是什么|什么时候能|啥时候能|有用没|管用不|行不行"
)
_ENDS_ASKING = re.compile("(?:[?？]|吗|么|呢|怎么办|咋办|怎么弄)[?？。!！]*$")
_GOES_ON = re.compile("(?:着|还[^?？]{1,12})呢[。!！~]*$")
"""还没发呢 tells, and does not ask."""
_OWN_STORY = re.compile("我|俺|老板|公司|单位|厂里|工地|他们|包工头|经理|领导")


_OURS = {
    "fee": re.compile("要钱|收费|花钱|交钱|收钱|要不要钱|免费|费用"),
    "secrecy": re.compile(
        "保密吗|保密不|会不会(?:泄露|泄漏|说出去)|泄露吗|谁(?:能|会|可以)看|会?不会?报复|报复我|穿小鞋|"
        "(?:老板|单位|公司|厂里|领导|他们)(?:会不会|能不能|会|能)?(?:知道|晓得)"
    ),
    "duration": re.compile(
        "(?:多久|几天|多长时间|什么时候|啥时候).{0,6}(?:处理|办|解决|回复|答复|结果|联系|受理)|"
        "(?:处理|办|解决|回复|答复|受理|办完).{0,4}(?:多久|几天|多长时间|什么时候|啥时候)"
    ),
    "use": re.compile("有用吗|有用没|有没有用|管用吗|管不管用|管用不|能解决吗|解决得了吗"),
}
"""Questions about the desk itself, and what is told to them."""

_LONGEST_OF_OURS = 20
_NOT_OURS = re.compile("工资|赔|补偿|医药|社保|押金|培训|罚|欠|克扣")


def question_about_us(text: str) -> str:
    """Which question about registering the text is; empty for none. Its answer stands in `intake.aside`."""
    folded = fold(text)
    if not _SHORTEST <= len(folded) <= _LONGEST_OF_OURS or _NOT_OURS.search(folded):
        return ""
    if not _ASKS.search(text.replace("？", "?")):
        return ""
    return next((code for code, pattern in _OURS.items() if pattern.search(folded)), "")


def tells_own_story(text: str) -> bool:
    """Whether a question tells of what happened to the worker."""
    return _OWN_STORY.search(fold(text)) is not None and tells(text)


def reads_as_question(text: str, draft: Draft, frame: Frame) -> bool:
    """Whether the text may be a question that has nothing to do with what was asked.

    In the story and in free words a question about the worker's own matter is part of the story.
    """
    if not _may_be_question(text):
        return False
    if draft.mode is not Mode.ASKING:
        return True
    step = current_step(draft, frame)
    if step is not Step.EMPLOYER and SORTS[step] in {Sort.STORY, Sort.TEXT}:
        return not _OWN_STORY.search(fold(text))
    is_answer = read_answer(step, text, draft, frame).answer is not None
    if SORTS[step] is Sort.CHOICE and _ENDS_ASKING.search(text.strip()):
        return tells(text) or not is_answer
    return step is Step.EMPLOYER or SORTS[step] is Sort.CONTACT or not is_answer


def _may_be_question(text: str) -> bool:
    folded = fold(text)
    if _GOES_ON.search(folded):
        folded = text = folded.removesuffix("呢")
    if not _SHORTEST <= len(folded) <= _LONGEST or not _ASKS.search(text.replace("？", "?")):
        return False
    return not (read_order(text) or says_done(text) or says_unknown(text)) and picked_number(text) is None
