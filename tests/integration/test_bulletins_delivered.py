"""Bulletins over the wire: a grant that WeChat reports is spent on one notice, and a mail is stopped by one click."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn

from bot.app import Program
from bot.operations import make_wechat_api
from bot.subscription_jobs import Broadcasting, broadcasting
from bot.subscriptions.subscribers import EMAIL, WECHAT, Subscriber, SubscriberState
from bot.web import make_web
from tests.builders import a_configuration
from tests.fakes import FakeClock
from tests.newsroom import a_content
from tests.post import HOST, PostOffice, a_platform, a_post_office
from tests.site import build_scripted
from tests.site_posts import send
from tests.wechat import ACCOUNT, APP_ID, ENVIRON, WeChatServer, a_payload, a_text

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
TEMPLATE_ID = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc"
GRANTING = "https://mp.weixin.qq.com/s/subscribe"
MAILBOX = "zhang@example.org"


async def knock(broadcasts: Broadcasting, channel: str) -> None:
    """As the scheduler does, twice."""
    jobs = {job.name: job for job in broadcasts.jobs}
    for _ in range(2):
        for name in ("subscription_letters", "broadcast_make", f"broadcast_{channel}"):
            await jobs[name].run()


async def publish(program: Program, slug: str) -> None:
    await send(program, a_content(slug, title=f"解读 {slug}", channels=("site",), citations=(), tags=("工资",)))


async def standing(program: Program, channel: str, address: str) -> Subscriber:
    async with program.store.read() as work:
        found = await work.subscribers.find_person(channel, address, held=False)
    assert found is not None
    return found


async def test_a_grant_that_wechat_reports_is_kept_and_spent_on_one_notice(tmp_path: Path, clock: FakeClock) -> None:
    """Through the real callback, encrypted: words, number, event; then through WeChat's own API."""
    async with a_platform() as platform, httpx.AsyncClient() as outside:
        changes = {
            "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, "api_base": platform.base},
            "web": {"base_url": "https://ask.test"},
            "subscriptions": {
                "wechat": {"template_id": TEMPLATE_ID, "fields": {"thing1": "title"}, "page": GRANTING},
            },
        }
        environ = {**ENVIRON, "GONGHUI_WECHAT_SECRET": "s" * 32}
        program = build_scripted(a_configuration(tmp_path, changes, environ), clock)
        async with program.running():
            transport = httpx.ASGITransport(make_web(program), client=("127.0.0.1", 4711))
            async with httpx.AsyncClient(transport=transport, base_url="http://here.test") as client:
                wechat = WeChatServer(client, clock)
                assert "多久告诉您一次" in (await wechat.push(a_text("订阅", sender=OPENID))).text
                done = (await wechat.push(a_text("1", sender=OPENID))).text
                assert GRANTING in done
                event = a_payload("event_subscription_popup")
                for _ in range(2):  # WeChat repeats what it got no answer to in time
                    assert (await wechat.push(event)).text == ""
            assert (await standing(program, WECHAT, OPENID)).grants == 1
            await publish(program, "one")
            async with broadcasting(program, make_wechat_api(program, outside)) as broadcasts:
                await knock(broadcasts, WECHAT)
                (sent,) = platform.sent
                assert sent.path == "/cgi-bin/message/subscribe/bizsend"
                assert (sent.json["touser"], sent.json["template_id"]) == (OPENID, TEMPLATE_ID)
                assert sent.json["data"] == {"thing1": {"value": "解读 one"}}
                assert sent.json["page"] == "https://ask.test/posts/one"
                assert (await standing(program, WECHAT, OPENID)).grants == 0
                clock.advance(minutes=5)
                await publish(program, "two")
                await knock(broadcasts, WECHAT)
            assert len(platform.sent) == 1, "one grant is good for one notice"


async def test_who_takes_the_permission_back_in_wechat_has_stopped(tmp_path: Path, clock: FakeClock) -> None:
    changes = {
        "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT},
        "web": {"base_url": "https://ask.test"},
        "subscriptions": {"wechat": {"template_id": TEMPLATE_ID, "fields": {"thing1": "title"}, "page": GRANTING}},
    }
    environ = {**ENVIRON, "GONGHUI_WECHAT_SECRET": "s" * 32}
    program = build_scripted(a_configuration(tmp_path, changes, environ), clock)
    async with program.running():
        transport = httpx.ASGITransport(make_web(program), client=("127.0.0.1", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://here.test") as client:
            wechat = WeChatServer(client, clock)
            for words in ("订阅", "2"):
                await wechat.push(a_text(words, sender=OPENID))
            assert (await standing(program, WECHAT, OPENID)).is_active
            await wechat.push(a_payload("event_subscription_change"))
        assert (await standing(program, WECHAT, OPENID)).state is SubscriberState.STOPPED


@asynccontextmanager
async def a_served_site(folder: Path, clock: FakeClock, office: PostOffice) -> AsyncIterator[tuple[Program, str]]:
    """A program that really listens, and sends its mail to that server."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        mail = {"host": HOST, "port": office.port, "sender": "union@example.org", "security": "none"}
        changes = {"web": {"base_url": url}, "notices": {"mail": mail}, "subscriptions": {"email": True}}
        program = build_scripted(a_configuration(folder, changes), clock)
        async with program.running():
            server = uvicorn.Server(
                uvicorn.Config(make_web(program), lifespan="off", ws="none", log_config=None, access_log=False)
            )
            serving = asyncio.create_task(server.serve([listening]))
            try:
                yield program, url
            finally:
                server.should_exit = True
                await serving


async def test_a_bulletin_that_came_by_mail_is_stopped_with_one_click(tmp_path: Path, clock: FakeClock) -> None:
    """From the form to the unsubscribe button of a mail program, over real sockets (RFC 8058)."""
    async with a_post_office() as office, a_served_site(tmp_path, clock, office) as (program, url):
        async with httpx.AsyncClient(base_url=url) as browser, broadcasting(program, None) as broadcasts:
            asked = await browser.post("/subscribe", data={"mailbox": MAILBOX, "pace": "at_once", "agree": "1"})
            assert "请去邮箱确认" in asked.text
            await knock(broadcasts, EMAIL)
            (letter,) = office.taken
            assert letter["List-Unsubscribe"] is None, "nothing has begun yet"
            confirm = re.search(rf"{url}/subscribe/c/\S+", letter.get_content())
            assert confirm
            assert "订阅好了" in (await browser.post(confirm[0])).text
            clock.advance(minutes=1)
            await publish(program, "one")
            await knock(broadcasts, EMAIL)
            bulletin = office.taken[1]
            assert bulletin["To"] == MAILBOX
            assert "解读 one" in bulletin["Subject"]
            assert bulletin["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            target = bulletin["List-Unsubscribe"]
            assert re.fullmatch(rf"<{url}/subscribe/p/[0-9a-f]+/stop>", target)
            async with httpx.AsyncClient() as program_of_mail:  # no cookies, no Origin, both kinds of form
                stopped = await program_of_mail.post(target[1:-1], files={"List-Unsubscribe": (None, "One-Click")})
                assert stopped.status_code == 200
                assert (await standing(program, EMAIL, MAILBOX)).state is SubscriberState.STOPPED
                again = await program_of_mail.post(target[1:-1], data={"List-Unsubscribe": "One-Click"})
                assert (again.status_code, again.has_redirect_location) == (200, False)
            clock.advance(minutes=5)
            await publish(program, "two")
            await knock(broadcasts, EMAIL)
        assert len(office.taken) == 2
