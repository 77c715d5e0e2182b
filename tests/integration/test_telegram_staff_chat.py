"""What is due in the group of staff on Telegram: only where a group is set, once, and nothing personal in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from bot.app import Program, build, staff_roads
from bot.complaints.cases import Case, Consent
from bot.complaints.notices import GROUPS, Road, StaffNotice
from bot.notice_jobs import make_notice_jobs
from bot.operations import make_desk_jobs
from bot.roles import Role
from bot.settings import load_configuration
from bot.staff.members import StaffMember
from bot.telegram_channel import TelegramChannel, make_telegram
from tests.cases import a_statement
from tests.desk import Counter, a_filing
from tests.emulators.served import serving
from tests.emulators.telegram_chat import DROP_AFTER, DROP_BEFORE, TelegramChat
from tests.fakes import FakeClock
from tests.operating import logged
from tests.telegram import ENVIRON, a_telegram_configuration

GROUP = "-1001234567890"
SAID = a_statement()
PERSONAL = [
    SAID.narrative, SAID.wish, SAID.employer, SAID.site, SAID.name, SAID.phone, SAID.contact, "名anna", "工资",
]  # fmt: skip
"""What is said in these tests, and nobody may read in a group."""


@dataclass
class Union:
    """A program, and the bot's API."""

    program: Program
    channel: TelegramChannel | None
    chat: TelegramChat
    client: httpx.AsyncClient = field(repr=False)

    async def job(self, name: str) -> dict[str, int]:
        """Do one job now."""
        desk, notices = make_desk_jobs(self.program), make_notice_jobs(self.program, self.client, None, self.channel)
        (job,) = [job for job in (*desk, *notices) if job.name == name]
        return dict(await job.run())

    async def file(self, **fields: object) -> Case:
        """A case of anna's."""
        filing = a_filing(statement=SAID, consents=frozenset({Consent.PERSONAL_DATA}))
        now = self.program.clock.now()
        made = await Counter(self.program.store, self.program.desk).file(filing, now=now)
        async with self.program.store.write() as work:
            case = await work.cases.find(made.case_id)
            assert case is not None
            changed = await work.cases.change(case, now, owner="anna", **fields)
            await work.commit()
        return changed

    async def put(self, key: str, **fields: object) -> None:
        async with self.program.store.write() as work:
            notice = StaffNotice(**{"key": key, "road": Road.TELEGRAM, "kind": "overdue", "number": "HZ-1", **fields})
            await work.notices.add(notice, self.program.clock.now())
            await work.commit()


Start = Callable[..., AbstractAsyncContextManager[Union]]


@pytest.fixture
def start(tmp_path: Path, clock: FakeClock) -> Start:
    @asynccontextmanager
    async def started(**section: object) -> AsyncIterator[Union]:
        chat = TelegramChat()
        async with serving(chat.answer) as served, httpx.AsyncClient() as client:
            configuration = a_telegram_configuration(tmp_path, served.base, **section)
            raw = yaml.safe_load(configuration.path.read_text(encoding="utf-8"))
            raw["complaints"] = {**(raw["complaints"] or {}), "districts": [{"id": "mudan", "name": "牡丹区"}]}
            configuration.path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
            program = build(load_configuration(configuration.path, ENVIRON), clock=clock)
            channel = make_telegram(program)
            async with program.running():
                async with program.store.write() as work:
                    for name, role in {"anna": Role.CADRE, "sue": Role.SUPERVISOR}.items():
                        member = StaffMember(
                            id=name, login=name, name=f"名{name}", role=role, districts=frozenset({"mudan"})
                        )
                        await work.staff.add(member, "no password", clock.now())
                    await work.commit()
                yield Union(program, channel, chat, client)
            if channel is not None:
                await channel.api.close()

    return started


async def test_what_is_due_is_told_once_to_the_group_in_neutral_words(start: Start, clock: FakeClock) -> None:
    async with start(staff_chat=GROUP) as union:
        case = await union.file()
        clock.advance(seconds=timedelta(days=3).total_seconds())
        with logged() as log:
            await union.job("sweep_clocks")
            assert (await union.job("send_staff_notices"))["sent"] >= 1
            assert await union.job("send_staff_notices") == {}
        (said,) = union.chat.sent
        assert said.chat == int(GROUP)
        assert case.number in said.text
        assert said.form.get("parse_mode", "") == ""
        for personal in PERSONAL:
            assert personal not in said.text
            assert personal not in log.text
        assert GROUP not in log.text


async def test_without_a_group_nothing_goes_there_and_no_such_notice_is_made(start: Start, clock: FakeClock) -> None:
    async with start() as union:
        assert union.channel is not None
        assert union.channel.staff_carriers() == {}
        assert Road.TELEGRAM not in staff_roads(union.program.configuration.settings)
        await union.file()
        clock.advance(seconds=timedelta(days=3).total_seconds())
        await union.job("sweep_clocks")
        await union.job("send_staff_notices")
        assert union.chat.sent == []


async def test_a_group_can_be_told_by_a_bot_that_answers_nobody(start: Start) -> None:
    async with start(staff_chat="@heze_union_staff", enabled=False) as union:
        assert union.channel is not None
        assert (union.channel.answering, union.channel.routes(), union.channel.jobs()) == (None, [], ())
        await union.put("k1")
        refused = await _sent_to(union)
        assert refused == "@heze_union_staff"


async def _sent_to(union: Union) -> str:
    union.chat.faults.append((400, "Bad Request: chat not found", {}))  # the emulator's chats are numbers
    await union.job("send_staff_notices")
    return next(form["chat_id"] for method, form in union.chat.forms if method == "sendMessage")


async def test_of_a_case_about_union_staff_no_group_hears(start: Start, clock: FakeClock) -> None:
    async with start(staff_chat=GROUP) as union:
        await union.file(about_union_staff=True)
        clock.advance(seconds=timedelta(days=3).total_seconds())
        await union.job("sweep_clocks")
        await union.job("send_staff_notices")
        assert union.chat.sent == []
        assert Road.TELEGRAM in GROUPS


async def test_a_rest_that_telegram_wants_is_taken_and_the_notice_goes_later(start: Start, clock: FakeClock) -> None:
    async with start(staff_chat=GROUP) as union:
        await union.put("k1")
        union.chat.faults.append((429, "Too Many Requests: retry after 3", {"retry_after": 3}))
        await union.job("send_staff_notices")
        assert union.chat.sent == []
        clock.advance(seconds=timedelta(hours=1).total_seconds())
        assert await union.job("send_staff_notices") == {"sent": 1}
        assert len(union.chat.sent) == 1


@pytest.mark.parametrize("fault", [DROP_BEFORE, DROP_AFTER])
async def test_what_nobody_answered_is_not_said_twice(start: Start, clock: FakeClock, fault: str) -> None:
    async with start(staff_chat=GROUP) as union:
        await union.put("k1")
        union.chat.faults.append(fault)
        assert await union.job("send_staff_notices") == {"unknown": 1}
        clock.advance(seconds=timedelta(hours=1).total_seconds())
        assert await union.job("send_staff_notices") == {}
        assert len(union.chat.sent) == (fault == DROP_AFTER)


async def test_a_long_list_is_cut_to_one_message(start: Start) -> None:
    async with start(staff_chat=GROUP) as union:
        for number in range(200):
            await union.put(f"k{number}", number=f"HZ261122-{number:06}", data={"due": "2026-11-30"})
        for _ in range(20):
            if not await union.job("send_staff_notices"):
                break
        assert union.chat.sent
        assert all(len(said.text.encode("utf-16-le")) // 2 <= 4096 for said in union.chat.sent)
