"""A worker who chats: every reply has to fit the shortest channel, with all that may be picked."""

import re

from bot.app import Program
from bot.channels.wechat.render import render_text
from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Case, Statement
from bot.complaints.receipts import parse_receipt
from bot.complaints.roles import Viewer
from bot.fitting import utf8_bytes
from bot.messages import Kind, Reply
from bot.roles import Role
from tests.builders import a_message

LIMIT = 2048
TO_THE_STORY = ("我要投诉", "同意", "1", "9", "保密", "工资", "恒泰建筑公司", "曹县")
THE_REST = ("老板三个月没发工资，二十多人", "没有了", "1", "1", "一万二", "把工资发了", "王师傅 13800001111")

_RECEIPT = re.compile(r"登记凭证号：(\d{4} \d{4} \d{4} \d{4})")


class Worker:
    """Somebody at a phone."""

    def __init__(self, program: Program, name: str = "worker-1", channel: str = "test") -> None:
        self.program, self.name, self.channel = program, name, channel

    async def send(self, text: str = "", **fields: object) -> Reply:
        """Send one message."""
        message = a_message(text, sender=self.name, channel=self.channel, **fields)
        reply = await self.program.inbox.receive(message)
        assert reply is not None
        shown = render_text(reply, "https://ask.example.org")
        assert utf8_bytes(shown) <= LIMIT
        assert [choice.label for choice in reply.choices if choice.label not in shown] == []
        return reply

    async def says(self, *texts: str) -> Reply:
        """Say one thing after the other; the reply to the last."""
        reply = Reply(text="")
        for text in texts:
            reply = await self.send(text)
        return reply

    async def taps(self, action: str) -> Reply:
        """Tap a button under a reply."""
        return await self.send("", kind=Kind.CHOICE, action=action)

    async def clicks(self, key: str) -> Reply:
        """Click the account's menu."""
        return await self.send("", kind=Kind.MENU, action=key)

    async def files_a_case(self) -> str:
        """Register a complaint; the receipt."""
        return receipt_in(await self.says(*TO_THE_STORY, *THE_REST, "提交"))


def receipt_in(reply: Reply) -> str:
    """The digits that a reply shows."""
    found = _RECEIPT.search(reply.text)
    assert found is not None, reply.text
    return found[1]


async def registered(program: Program) -> list[tuple[Case, Statement | None]]:
    """Every case, with what was said."""
    everything = Viewer(id="s", role=Role.SUPERVISOR)
    async with program.store.read() as work:
        cases, _ = await work.cases.list(
            everything, CaseFilter(), sort="registered_at", descending=False, offset=0, limit=100
        )
        return [(case, await work.cases.statement(case.id)) for case in cases]


async def case_of(program: Program, receipt: str) -> Case:
    """The case that a receipt opens."""
    digits = parse_receipt(receipt).reveal()
    async with program.store.read() as work:
        case = await work.cases.find_receipt(program.keys.index_all("receipt", digits))
    assert case is not None
    return case
