"""Notices in a whole program, over real sockets: staff by mail and in the group, workers in WeChat."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from bot.channels.wechat.document import read
from bot.channels.wechat.parse import parse_message
from bot.complaints.cases import Case, Consent
from bot.complaints.lifecycle import Event
from bot.complaints.notices import Road, StaffNotice
from bot.notice_jobs import make_notice_jobs
from bot.operations import make_desk_jobs, make_wechat_api
from bot.ops.metrics import PrometheusMetrics
from bot.roles import Role
from bot.staff.members import StaffMember
from tests.cases import a_statement
from tests.desk import Counter, a_filing
from tests.fakes import FakeClock
from tests.operating import a_program, logged
from tests.post import CUT, HOST, Platform, PostOffice, a_platform, a_post_office
from tests.wechat import ACCOUNT, APP_ID, ENVIRON, a_payload

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
TEMPLATE_ID = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc"
ROBOT_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
FIELDS = {"thing1": "words", "time2": "time", "thing3": "federation"}
STAFF = {"anna": Role.CADRE, "sue": Role.SUPERVISOR, "adam": Role.ADMINISTRATOR}
SAID = a_statement()
PERSONAL = [
    SAID.narrative, SAID.wish, SAID.employer, SAID.site, SAID.name, SAID.phone, SAID.contact,
    "张三", "13812345678", "工资", "请到牡丹路",
]  # fmt: skip
"""What is said and written in these tests, and nobody may read in a notice."""


@dataclass
class Union:
    """A program with its mail server, its platforms, and a client for both."""

    program: Program
    clock: FakeClock
    office: PostOffice
    platform: Platform
    client: httpx.AsyncClient

    async def job(self, name: str) -> dict[str, int]:
        """Do one job now."""
        jobs = (
            *make_desk_jobs(self.program),
            *make_notice_jobs(self.program, self.client, make_wechat_api(self.program, self.client)),
        )
        (job,) = [job for job in jobs if job.name == name]
        return dict(await job.run())

    async def file(self, *, grants: tuple[str, ...] = ("template",)) -> Case:
        """A case whose worker asked for notices in WeChat."""
        consents = frozenset({Consent.PERSONAL_DATA, Consent.NOTICES})
        person = self.program.keys.person("wechat", OPENID)
        filing = a_filing(channel="wechat", person=person, notify=OPENID, grants=grants, consents=consents)
        made = await Counter(self.program.store, self.program.desk).file(filing, now=self.clock.now())
        return await self.change(await self.case(made.case_id), owner="anna")

    async def change(self, case: Case, **fields: object) -> Case:
        async with self.program.store.write() as work:
            changed = await work.cases.change(case, self.clock.now(), **fields)
            await work.commit()
        return changed

    async def case(self, case_id: str) -> Case:
        async with self.program.store.read() as work:
            found = await work.cases.find(case_id)
        assert found is not None
        return found

    async def write(self, case: Case, text: str) -> None:
        """A cadre writes to the worker."""
        async with self.program.store.write() as work:
            member = await work.staff.find("anna")
            assert member is not None
            await self.program.cadres.handler.message(work, member.viewer(), case.id, text, now=self.clock.now())
            await work.commit()


Start = Callable[..., AbstractAsyncContextManager[Union]]


@pytest.fixture
def start(tmp_path: Path, clock: FakeClock) -> Start:
    @asynccontextmanager
    async def started(**notices: object) -> AsyncIterator[Union]:
        async with a_post_office() as office, a_platform() as platform, httpx.AsyncClient() as client:
            changes = {
                "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, "api_base": platform.base},
                "web": {"base_url": "https://ask.example.org"},
                "notices": {
                    "mail": {"host": HOST, "port": office.port, "security": "none", "sender": "weiquan@union.test"},
                    "wecom": {"enabled": True, "base": platform.base},
                },
                "complaints": {
                    "districts": [{"id": "mudan", "name": "牡丹区"}],
                    "notices": {"wechat": "template", "template_id": TEMPLATE_ID, "fields": FIELDS, **notices},
                },
            }
            environ = ENVIRON | {
                "GONGHUI_WECHAT_SECRET": "s" * 32,
                "GONGHUI_WECOM_WEBHOOK": f"{platform.base}/cgi-bin/webhook/send?key={ROBOT_KEY}",
            }
            program = a_program(tmp_path, clock, changes, environ)
            async with program.running():
                async with program.store.write() as work:
                    for name, role in STAFF.items():
                        member = StaffMember(
                            id=name, login=name, name=f"名{name}", role=role, districts=frozenset({"mudan"}),
                            mail=f"{name}@union.test", wecom=f"wx-{name}",
                        )  # fmt: skip
                        await work.staff.add(member, "no password", clock.now())
                    await work.commit()
                yield Union(program, clock, office, platform, client)

    return started


async def test_what_is_due_goes_out_once_by_every_road_and_says_nothing_personal(start: Start) -> None:
    with logged() as log:
        async with start() as union:
            case = await union.file()
            union.clock.advance(days=3)
            await union.job("sweep_clocks")
            assert (await union.job("send_staff_notices"))["sent"] >= 2
            assert await union.job("send_staff_notices") == {}
            await union.write(case, "请到牡丹路工会来一趟")
            assert await union.job("send_worker_notices") == {"sent": 1}
            assert await union.job("send_worker_notices") == {}
            office, platform, metrics = union.office, union.platform, union.program.metrics
    (mail,) = [mail for mail in office.taken if mail["To"] == "anna@union.test"]
    assert mail["Subject"].startswith("【菏泽工会】维权工作提醒")
    assert f"{case.number} “" in mail.get_content()
    assert "https://ask.example.org/console" in mail.get_content()
    (group,) = [call for call in platform.sent if "webhook" in call.path]
    assert case.number in group.json["text"]["content"]
    assert "wx-anna" in group.json["text"]["mentioned_list"]
    assert "wx-sue" not in group.json["text"]["mentioned_list"]
    (told,) = [call for call in platform.sent if "template" in call.path]
    assert told.json["touser"] == OPENID
    assert told.json["data"]["thing1"] == {"value": "您登记的事项有新进展，请凭登记凭证查看"}
    assert told.json["data"]["thing3"] == {"value": "菏泽工会"}
    assert told.json["url"] == "https://ask.example.org/track"
    assert case.number not in str(told.json)

    everything = [mail.as_string() + mail.get_content() + mail["Subject"] for mail in office.taken]
    everything += [str(call.json) for call in platform.sent]
    assert isinstance(metrics, PrometheusMetrics)
    figures = metrics.text().decode()
    assert 'gonghui_notices_total{outcome="sent",road="wechat"} 1.0' in figures
    for text in (*everything, log.text, figures):
        assert [needle for needle in PERSONAL if needle and needle in text] == []
    for secret in (OPENID, ROBOT_KEY, "token-1", "anna@union.test"):
        assert secret not in log.text
        assert secret not in figures


KINDS = ("due", "overdue", "escalated", "assigned", "moved", "collective", "about_union_staff", "calendar_missing")


async def test_no_kind_of_notice_repeats_what_stands_in_its_data(start: Start) -> None:
    """Whoever plans a notice might put too much into it one day: only what is known to be harmless is said."""
    data = {"title": "首次联系职工", "due": "2026-11-27", "cases": "3", "year": "2027", "kind": "site"}
    data |= {"name": SAID.name, "employer": SAID.employer, "text": SAID.narrative, "phone": SAID.phone}
    async with start() as union:
        async with union.program.store.write() as work:
            for kind in (*KINDS, "a_kind_of_tomorrow"):
                for road in (Road.MAIL, Road.WECOM):
                    notice = StaffNotice(
                        key=f"{kind}{road}", road=road, kind=kind, staff="sue", number="HZ261122-048213", data=data
                    )
                    await work.notices.add(notice, union.clock.now())
            await work.commit()
        await union.job("send_staff_notices")
        (mail,), (call,) = union.office.taken, union.platform.sent
    for text in (mail.get_content(), call.json["text"]["content"]):
        assert len([line for line in text.splitlines() if "HZ261122-048213" in line]) >= 6
        assert [needle for needle in PERSONAL if needle in text] == []


async def test_a_case_about_union_staff_is_no_news_for_the_group(start: Start) -> None:
    async with start() as union:
        case = await union.change(await union.file(), about_union_staff=True)
        union.clock.advance(days=3)
        await union.job("sweep_clocks")
        await union.job("send_staff_notices")
        told = {mail["To"] for mail in union.office.taken if case.number in mail.get_content()}
        assert told == {"sue@union.test"}
        assert case.number not in str([call.json for call in union.platform.sent])


async def test_the_verdict_is_asked_for_by_a_neutral_notice(start: Start) -> None:
    async with start() as union:
        case = await union.file()
        counter = Counter(union.program.store, union.program.desk)
        week = union.clock.now() + timedelta(days=7)
        await counter.step(case.id, Event.ACCEPT, now=union.clock.now())
        await counter.step(case.id, Event.RESOLVE, now=union.clock.now(), ask_verdict_at=week)
        union.clock.advance(days=7)
        assert await union.job("ask_verdicts") == {"cases": 1}
        assert await union.job("send_worker_notices") == {"sent": 1}
        (told,) = union.platform.sent
        assert told.json["data"]["thing1"] == {"value": "您登记的事项办得怎样，请凭登记凭证评价"}
        assert told.json["data"]["time2"] == {"value": "2026年11月29日 10:00"}


async def test_a_broken_connection_to_wechat_is_not_tried_again(start: Start) -> None:
    async with start() as union:
        case = await union.file()
        await union.write(case, "有消息了")
        union.platform.answers = [CUT]
        assert await union.job("send_worker_notices") == {"unknown": 1}
        union.clock.advance(days=1)
        assert await union.job("send_worker_notices") == {}
        assert len(union.platform.sent) == 1
        async with union.program.store.read() as work:
            assert "notice_unknown" in [entry.kind for entry in await work.timeline.of(case.id)]


@pytest.mark.parametrize(
    ("code", "outcome", "reachable"),
    [(43004, "gone", False), (43101, "gone", False), (45009, "put_off", True), (40037, "put_off", True)],
)
async def test_what_wechat_answers_decides_whether_the_worker_is_reachable(
    start: Start, code: int, outcome: str, reachable: bool
) -> None:
    async with start() as union:
        case = await union.file()
        await union.write(case, "有消息了")
        union.platform.answers = [code]
        assert await union.job("send_worker_notices") == {outcome: 1}
        assert (await union.case(case.id)).reachable is reachable


async def push(union: Union, payload: str) -> None:
    """WeChat tells of one of its events."""
    message = parse_message(read(payload), union.clock.now())
    assert await union.program.inbox.receive(message) is None


PAGE = "https://mp.weixin.qq.com/s/subscribe"


async def test_a_subscription_lets_one_notice_go_and_the_next_one_needs_another(start: Start) -> None:
    async with start(wechat="subscribe", subscribe_page=PAGE) as union:
        case = await union.file(grants=())
        assert not case.reachable
        await push(union, a_payload("event_subscription_popup"))
        assert (await union.case(case.id)).reachable
        for text in ("第一条", "第二条"):
            await union.write(case, text)
            await union.job("send_worker_notices")
        assert [call.path for call in union.platform.sent] == ["/cgi-bin/message/subscribe/bizsend"]
        assert union.platform.sent[0].json["template_id"] == TEMPLATE_ID
        assert not (await union.case(case.id)).reachable


async def test_a_subscription_that_is_taken_back_is_forgotten(start: Start) -> None:
    async with start(wechat="subscribe", subscribe_page=PAGE, lasting=True) as union:
        case = await union.file(grants=())
        await push(union, a_payload("event_subscription_popup"))
        assert (await union.case(case.id)).reachable
        await push(union, a_payload("event_subscription_change"))
        assert not (await union.case(case.id)).reachable


async def test_who_blocks_the_account_or_leaves_it_cannot_be_reached(start: Start) -> None:
    async with start() as union:
        case = await union.file()
        await push(union, a_payload("event_template_blocked"))
        assert not (await union.case(case.id)).reachable
        other = await union.file()
        await union.write(other, "有消息了")
        await push(union, a_payload("event_unsubscribe"))
        assert not (await union.case(other.id)).reachable
        await union.job("send_worker_notices")
        assert union.platform.sent == []
