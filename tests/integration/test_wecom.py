"""Letters to the group of a WeCom robot, over HTTP to an emulated WeCom."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.wecom.robot import TEXT_BYTES, GroupRobot, render_text
from bot.errors import OutcomeUnknown, VendorError
from bot.fitting import utf8_bytes
from bot.staff.letters import Letter
from tests.post import CUT, Platform, a_platform

LETTER = Letter("维权工作提醒", ("HZ261122-048213 “首次联系职工” 2026-11-27 到期",), mentions=("anna", "bert"))
ROBOT_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with a_platform() as platform:
        yield platform


@pytest.fixture
async def robot(platform: Platform) -> AsyncIterator[GroupRobot]:
    async with httpx.AsyncClient() as client:
        webhook = f"{platform.base}/cgi-bin/webhook/send?key={ROBOT_KEY}"
        yield GroupRobot(client=client, webhook=webhook, base=platform.base, seconds=5)


async def fault_of(robot: GroupRobot) -> VendorError:
    with pytest.raises(VendorError) as caught:
        await robot.send(LETTER, to="", key="k")
    assert ROBOT_KEY not in str(caught.value)
    return caught.value


async def test_a_letter_is_posted_with_the_names_of_those_it_concerns(platform: Platform, robot: GroupRobot) -> None:
    await robot.send(LETTER, to="", key="k")
    (call,) = platform.calls
    assert (call.path, call.query) == ("/cgi-bin/webhook/send", f"key={ROBOT_KEY}")
    content = "\n".join((LETTER.subject, *LETTER.lines))
    assert call.json == {"msgtype": "text", "text": {"content": content, "mentioned_list": ["anna", "bert"]}}


@pytest.mark.parametrize("code", [45009, 93000, -1])
async def test_a_refusal_is_known_and_can_be_mended(platform: Platform, robot: GroupRobot, code: int) -> None:
    platform.answers = [code]
    error = await fault_of(robot)
    assert (error.code, error.permanent, isinstance(error, OutcomeUnknown)) == (str(code), False, False)


@pytest.mark.parametrize("answer", [CUT, "502", "504"])
async def test_who_does_not_say_what_came_of_it_leaves_it_open(
    platform: Platform, robot: GroupRobot, answer: str
) -> None:
    platform.answers = [answer]
    assert isinstance(await fault_of(robot), OutcomeUnknown)


async def test_a_server_that_is_away_has_posted_nothing(robot: GroupRobot, platform: Platform) -> None:
    async with a_platform() as gone:
        pass
    async with httpx.AsyncClient() as client:
        away = GroupRobot(
            client=client, webhook=f"{gone.base}/cgi-bin/webhook/send?key={ROBOT_KEY}", base=gone.base, seconds=5
        )
        error = await fault_of(away)
    assert (error.code, isinstance(error, OutcomeUnknown)) == ("unreachable", False)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(platform: Platform, robot: GroupRobot, status: int) -> None:
    """Else whoever answers could make us call our own network."""
    async with a_platform() as elsewhere:
        platform.answers = [f"{status} {elsewhere.base}/admin"]
        assert (await fault_of(robot)).code == f"http_{status}"
        assert elsewhere.calls == []


ELSEWHERE = [
    "http://127.0.0.1:9/cgi-bin/webhook/send?key=12345678",
    "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=12345678",
    "https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=12345678",
    "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=12345678",
    "https://qyapi.weixin.qq.com/cgi-bin/../admin?key=12345678",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=12345678#x",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=12345678&x=1",
    "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=12345678",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_only_the_configured_server_is_a_robots(address: str) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(VendorError):
            GroupRobot(client=client, webhook=address, base="https://qyapi.weixin.qq.com")


def test_what_is_too_long_for_one_message_ends_with_a_mark() -> None:
    letter = Letter("维权工作提醒", tuple(f"{number} 有事项要看，请登录工作台" for number in range(100)))
    content = render_text(letter)["text"]["content"]
    assert utf8_bytes(content) <= TEXT_BYTES
    assert content.endswith("\n……")
    assert content.splitlines()[1] == letter.lines[0]
