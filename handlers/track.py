"""Following a complaint by its receipt: typed anywhere, it opens the case for a while."""

import re
import unicodedata
from dataclasses import replace

from bot.complaints.intake.opening import opens
from bot.complaints.intake.options import NONE
from bot.complaints.receipts import Fault, NotAReceipt, Receipt, fault_words, parse_receipt
from bot.complaints.worker.refusals import NotFound, SlowDown
from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers import menu
from handlers.case_acts import ANSWER, SAY, act_on, answer_open, show_case
from handlers.case_consent import CONSENT
from handlers.case_notices import NOTICES
from handlers.case_view import TRACK
from handlers.choose import picked_number
from handlers.drafts import pause_draft, running_draft
from handlers.memory import offer, offered
from handlers.services import Services
from handlers.tracked import Tracked, close, tracked

_MOST_BESIDE = 16
"""Characters beside the digits with which a text is still nothing but a receipt."""

_EDGES = " \t\n。.，,！!？?～~"
_FOLLOW = re.compile(
    "(?:我想|我要|想|要|帮我|请|麻烦)*+(?:查一下|查下|查看|查询|查|看看|看下|看)?(?:我的|一下)?"
    "(?:投诉|案件|案子|办理|登记|举报)?的?"
    "(?:进度|进展|结果|办到哪了?|到哪一步了?|办得怎么样了?|处理得怎么样了?|情况|状态)(?:吧|呢|啊|了)*+"
    "|(?:查|查询|查看|看看|我的)(?:一下)?(?:我的)?(?:投诉|案件|案子|举报)|查进度|查结果"
)
_PLAINLY = re.compile("查|进度|进展")
_AGAIN = re.compile(
    "(?:再|重新)?(?:看|看看|看一下|发|发一下|给我|显示)?(?:一下|一遍|一次)?(?:我的)?(?:登记)?凭证号?码?"
    "(?:是多少|忘了|没记住|没记下|丢了|找不到了|再发一次|再发一遍)?"
)
_NOTED = re.compile(
    "(?:我|已经|都|号)*+(?:记好|记下|记住|存好|保存好|保存|抄好|抄下|截图|截好图|截屏)(?:来|好|图)?(?:了|啦|过了)*+"
)
_BACK = re.compile("返回|回去|不说了|不改了|不用了|说完了|没有了|没了|完了|取消|算了|退出|上一步|看看|进度")
_I_WANT = "(?:我要|我想|我)?"
_CONSENT = re.compile(
    f"{_I_WANT}(?:同意|撤回|撤销|取消)(?:同意)?转办(?:了|的同意)?|{_I_WANT}(?:撤回|撤销|取消)(?:转办的?)?同意(?:了)?"
)
_NO_CONSENT = re.compile(f"{_I_WANT}(?:全部|全都|都|全)?(?:撤回|(?:撤回|撤销|取消)(?:同意转办|同意|转办))(?:了|吧)?")
"""Of the question to whom a matter may be passed on: to nobody."""
_WISHES = {
    "end": re.compile("不看了|关闭|结束|退出"),
    "say": re.compile("(?:我要|给经办人|我想)?留言|补充情况|补充"),
    "correct": re.compile("更正内容|更正|修改|改一下"),
    "withdraw": re.compile("(?:我要|我想)?(?:撤回|撤诉|撤销)(?:投诉)?"),
    "consent": _CONSENT,
    "notices": re.compile(
        "(?:我要|我想)?(?:改|换|设置|改变)?(?:新进展)?(?:提醒|通知)(?:的)?(?:设置|方式|内容)?"
        "|(?:不要|不用|取消|关闭|关掉|不再)(?:再)?提醒(?:了|我)?|提醒(?:里)?(?:要|不要)?(?:写|显示)(?:出)?内容"
    ),
    "restore": re.compile("恢复办理|恢复"),
    "delete": re.compile("(?:要求)?删除(?:内容)?"),
    "limits": re.compile("时效|期限|还有多久"),
    "copy": re.compile("看我登记的内容|我登记的内容|登记内容"),
}
_DECIDING = frozenset({"withdraw", "delete", CONSENT, NOTICES, "verdict"})
"""What changes something for good by one tap."""

_TOLD = re.compile(
    "(?:我要|我想|想|要|我|再|请|帮我)*+(?:给经办人|跟经办人|向经办人|告诉经办人|给工会|告诉工会|转告经办人|转告工会)?+"
    r"(?:补充|留言|转告|说明)(?:一下|下|一点|点|一句|情况|几句)*+[\s:：,，、]+\S.+|(?:告诉|转告)(?:经办人|工会|你们)\S.+",
    re.DOTALL,
)
"""A message that comes at once: 补充：老板换了电话."""
_WITHDRAW = re.compile("(?:我要|我想)?(?:撤回投诉|撤诉|撤销投诉|撤回我?的?投诉)")


class Track:
    """Opens a case to whoever shows its receipt, and does there what the worker wants."""

    def matches(self, turn: Turn) -> bool:
        """A receipt, the wish to see how far it is, or what is said while a case is open."""
        message = turn.message
        if message.kind is Kind.MENU:
            return message.action == menu.TRACK
        if message.kind is Kind.CHOICE:
            return message.action.startswith(TRACK)
        if message.kind is not Kind.TEXT:
            return False
        text = _fold(message.text)
        found = _receipt(message.text)
        if running_draft(turn) is not None:
            # in the dialogue other long numbers are answers, and 情况 may be one
            return isinstance(found, Receipt) or bool(_FOLLOW.fullmatch(text) and _PLAINLY.search(text))
        if found is not None:
            return True
        return _is_about_receipts(text) or _picked(turn) != "" or _is_for_open_case(turn, text)

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Open, show, or do what was wanted."""
        reply = await self._answer(turn, services)
        return replace(reply, private=True) if tracked(turn) else reply

    async def _answer(self, turn: Turn, services: Services) -> Reply:
        if turn.message.kind is Kind.TEXT:
            found = _receipt(turn.message.text)
            if isinstance(found, Fault):
                return offer(turn, Reply(text=services.wording(fault_words(found))))
            if found is not None:
                return await _open(turn, found, services)
        return await self._go_on(turn, services)

    async def _go_on(self, turn: Turn, services: Services) -> Reply:
        text, open_case = _fold(turn.message.text), tracked(turn)
        action = _picked(turn) or turn.message.action
        if action.startswith(TRACK):
            return await _act(turn, open_case, action, services)
        if turn.message.kind is Kind.TEXT and _NOTED.fullmatch(text):
            return await _confirm(turn, services)
        if turn.message.kind is Kind.TEXT and _AGAIN.fullmatch(text):
            return await _show_again(turn, services)
        if open_case is not None and turn.message.kind is Kind.TEXT:
            return await _in_open_case(turn, open_case, text, services)
        words = services.wording
        waiting = (words("track.receipt_put_away"),) if pause_draft(turn) else ()
        return offer(turn, Reply(text="\n".join((*waiting, words("track.ask"))), hint=words("track.ask_hint")))


async def _act(turn: Turn, open_case: Tracked | None, action: str, services: Services) -> Reply:
    """What was picked under a case, if that is the one that is open."""
    if open_case is None:
        return _expired(turn, services)
    if _is_of_older(turn, action):
        return await show_case(turn, open_case.case, services, services.wording("track.old_button"))
    return await act_on(turn, open_case.case, action.removeprefix(TRACK), services)


async def _open(turn: Turn, receipt: Receipt, services: Services) -> Reply:
    """The case of the receipt; a wrong one and one that opens nothing any more look alike."""
    complaints = services.complaints
    first = (services.wording("track.receipt_put_away"),) if pause_draft(turn) else ()
    try:
        async with complaints.store.write() as work:
            case = await complaints.desk.follower.open(work, receipt, turn.source, turn.now)
            await work.commit()
    except NotFound:
        return offer(turn, Reply(text="\n".join((*first, complaints.desk.words.not_found()))))
    except SlowDown as refused:
        return offer(turn, Reply(text="\n".join((*first, complaints.desk.words.slow_down(refused)))))
    return await show_case(turn, case.id, services, *first)


async def _in_open_case(turn: Turn, open_case: Tracked, text: str, services: Services) -> Reply:
    if open_case.doing == CONSENT and _NO_CONSENT.fullmatch(text):
        return await act_on(turn, open_case.case, f"{CONSENT}:{NONE}", services)
    going_back = _BACK.fullmatch(text) or _FOLLOW.fullmatch(text)
    if open_case.doing not in {"", ANSWER} and not going_back:
        return await answer_open(turn, open_case.case, open_case.doing, services)
    wish = next((wish for wish, pattern in _WISHES.items() if pattern.fullmatch(text)), "")
    if wish:
        return await act_on(turn, open_case.case, wish, services)
    if _TOLD.fullmatch(text) or (open_case.doing == ANSWER and not going_back):
        return await answer_open(turn, open_case.case, SAY, services)
    return await show_case(turn, open_case.case, services)


async def _show_again(turn: Turn, services: Services) -> Reply:
    """The receipts of the last hours, once more and never again."""
    words, follower = services.wording, services.complaints.desk.follower
    async with services.complaints.store.write() as work:
        shown = await follower.show_receipt_again(work, turn.person, turn.now)  # rolled back: the turn writes it
    if not shown:
        return offer(turn, Reply(text=words("track.nothing_waiting", hotline=services.hotline)))
    turn.then(lambda work: follower.show_receipt_again(work, turn.person, turn.now))
    lines = [words("track.again", number=one.number, receipt=one.receipt.grouped()) for one in shown]
    return offer(turn, Reply(text="\n".join((words("track.one_more_look"), *lines))))


async def _confirm(turn: Turn, services: Services) -> Reply:
    """The worker has the receipt: from now on only its hash is kept."""
    words, follower = services.wording, services.complaints.desk.follower
    async with services.complaints.store.read() as work:
        waiting = [case_id for case_id, _ in await work.receipts.waiting(turn.person, turn.now)]
    for case_id in waiting:
        turn.then(lambda work, case_id=case_id: follower.confirm_receipt(work, case_id))  # type: ignore[misc]  # bound now
    return offer(turn, Reply(text=words("track.confirmed" if waiting else "track.confirmed_before")))


def _expired(turn: Turn, services: Services) -> Reply:
    close(turn)
    return offer(turn, Reply(text=services.wording("track.expired")))


def _receipt(text: str) -> Receipt | Fault | None:
    """The receipt that the text is, or nearly is; None for a text that only has numbers in it."""
    digits = sum(char.isdecimal() for char in unicodedata.normalize("NFKC", text))
    beside = sum(not char.isdecimal() and not char.isspace() for char in text)
    if beside > _MOST_BESIDE:
        return None
    try:
        return parse_receipt(text)
    except NotAReceipt as error:
        is_meant = error.fault is not Fault.MISSING and beside <= digits // 4
        return error.fault if is_meant else None


def _is_about_receipts(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_FOLLOW, _AGAIN, _NOTED, _WITHDRAW, _CONSENT))


def _is_for_open_case(turn: Turn, text: str) -> bool:
    """A message or a value that was asked for, or a word to leave."""
    open_case = tracked(turn)
    if open_case is None:
        return False
    known = (_BACK, _TOLD, *_WISHES.values())
    if any(pattern.fullmatch(text) for pattern in known):
        return True
    if open_case.doing == ANSWER:
        return not opens(text) and picked_number(text) is None
    return bool(open_case.doing)


def _picked(turn: Turn) -> str:
    """The action under a case that a number means; empty for any other."""
    number = picked_number(turn.message.text) if turn.message.kind is Kind.TEXT else None
    choices = offered(turn)
    action = choices[number - 1].action if number and number <= len(choices) else ""
    return action if action.startswith(TRACK) else ""


def _is_of_older(turn: Turn, action: str) -> bool:
    """Whether a tap would decide what the last reply did not ask: the button may stand under another case."""
    wish, _, more = action.removeprefix(TRACK).partition(":")
    if turn.message.kind is not Kind.CHOICE or not more or wish not in _DECIDING:
        return False
    return not any(one.action.startswith(f"{TRACK}{wish}:") for one in offered(turn))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_EDGES)
