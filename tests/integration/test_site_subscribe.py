"""Subscribing on the site: asked by letter, confirmed by its link, changed and stopped by the link of every mail."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.app import Program
from bot.subscriptions.letters import LetterRound
from bot.subscriptions.ports import SENT, Ended, Ending
from bot.subscriptions.subscribers import EMAIL, Pace, SubscriberState
from tests.fakes import FakeClock
from tests.site import a_client, a_site_configuration, build_scripted, visible
from tests.site_posts import BASE, publish_shipped

MAILBOX = "zhang@example.org"
MAIL = {"notices": {"mail": {"host": "127.0.0.1", "sender": "union@example.org", "security": "none"}}}
FORM = {"mailbox": MAILBOX, "pace": "at_once", "agree": "1"}


@dataclass
class Postbox:
    """Takes letters, and says what it is told."""

    says: Ending = SENT
    letters: list[tuple[str, str, str]] = field(default_factory=list)

    async def letter(self, address: str, subject: str, text: str, *, key: str) -> Ending:
        if self.says is SENT:
            self.letters.append((address, subject, text))
        return self.says

    def link(self) -> str:
        return re.search(rf"{BASE}(\S+)", self.letters[-1][2])[1]


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    changes = {"web": {"base_url": BASE}, "subscriptions": {"email": True}, **MAIL}
    program = build_scripted(a_site_configuration(tmp_path, changes), clock)
    async with program.running():
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(program) as client:
        yield client


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


async def deliver(program: Program, postbox: Postbox) -> dict[str, int]:
    assert program.subscriptions
    parts = {"write": program.store.write, "links": program.subscriptions.links, "wording": program.wording}
    rounds = LetterRound(postman=postbox, clock=program.clock, federation="菏泽市总工会", **parts)
    return dict(await rounds.run())


async def state_of(program: Program) -> tuple[SubscriberState, Pace, tuple[str, ...]] | None:
    async with program.store.read() as work:
        found = await work.subscribers.find_person(EMAIL, MAILBOX, held=False)
    return (found.state, found.pace, found.topics) if found else None


async def test_nothing_begins_before_the_owner_of_the_address_has_confirmed(
    client: httpx.AsyncClient, program: Program, postbox: Postbox
) -> None:
    await publish_shipped(program)
    page = await client.get("/subscribe")
    assert "用邮箱订阅" in page.text
    topic = re.search(r'name="topic" value="([^"]+)"', page.text)[1]
    asked = await client.post("/subscribe", data={**FORM, "topic": topic})
    assert "请去邮箱确认" in asked.text
    assert await state_of(program) == (SubscriberState.PENDING, Pace.AT_ONCE, (topic,))
    assert await deliver(program, postbox) == {"sent": 1}
    assert await deliver(program, postbox) == {}
    link = postbox.link()
    looked = await client.get(link)
    assert "确认订阅" in looked.text
    assert (await state_of(program))[0] is SubscriberState.PENDING, "programs of mail look at every link"
    assert looked.headers["cache-control"] == "no-store"
    assert "订阅好了" in (await client.post(link)).text
    assert await state_of(program) == (SubscriberState.ACTIVE, Pace.AT_ONCE, (topic,))


async def confirmed(client: httpx.AsyncClient, program: Program, postbox: Postbox) -> str:
    """A subscription that began; the path of its preferences."""
    await client.post("/subscribe", data=FORM)
    await deliver(program, postbox)
    page = await client.post(postbox.link())
    return re.search(r'href="(/subscribe/p/[^"]+)"', page.text)[1]


async def test_preferences_are_changed_and_stopped_with_one_click(
    client: httpx.AsyncClient, program: Program, postbox: Postbox
) -> None:
    manage = await confirmed(client, program, postbox)
    page = await client.post(manage, data={"pace": "weekly", "topic": ["工资", "工伤"]}, follow_redirects=True)
    assert "改好了" in page.text
    assert await state_of(program) == (SubscriberState.ACTIVE, Pace.WEEKLY, ("工资", "工伤"))
    await client.get(f"{manage}/stop")
    assert (await state_of(program))[0] is SubscriberState.ACTIVE
    # as a mail program does: from elsewhere, without cookies (RFC 8058)
    async with a_client(program, **{"sec-fetch-site": "cross-site"}) as elsewhere:
        stopped = await elsewhere.post(f"{manage}/stop", data={"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200, "a mail program is never led elsewhere"
    assert "已经退订" in stopped.text
    assert (await state_of(program))[0] is SubscriberState.STOPPED
    assert (await client.post(f"{manage}/stop")).status_code == 303
    assert "已经退订" in (await client.get(manage)).text
    await client.post(manage, data={"pace": "weekly"})
    assert (await state_of(program))[0] is SubscriberState.ACTIVE


async def test_the_form_says_the_same_whether_an_address_is_known_and_changes_nothing_of_it(
    client: httpx.AsyncClient, program: Program, postbox: Postbox
) -> None:
    await confirmed(client, program, postbox)
    known = await client.post("/subscribe", data={**FORM, "pace": "weekly"})
    other = await client.post("/subscribe", data={**FORM, "mailbox": "li@example.org"})
    assert visible(known.text) == visible(other.text)
    assert await state_of(program) == (SubscriberState.ACTIVE, Pace.AT_ONCE, ())
    postbox.letters.clear()
    await deliver(program, postbox)
    assert sorted(address for address, _, _ in postbox.letters) == ["li@example.org", MAILBOX]


async def test_a_mailbox_is_not_flooded_and_a_source_is_slowed(
    client: httpx.AsyncClient, program: Program, postbox: Postbox
) -> None:
    for _ in range(6):
        assert "请去邮箱确认" in (await client.post("/subscribe", data=FORM)).text
        await deliver(program, postbox)
    assert len(postbox.letters) == 3
    codes = [(await client.post("/subscribe", data=FORM)).status_code for _ in range(20)]
    assert codes[-1] == 429


@pytest.mark.parametrize("change", [{"mailbox": "nobody"}, {"agree": ""}], ids=["no_address", "no_consent"])
async def test_a_form_that_lacks_something_says_so(client: httpx.AsyncClient, change: dict[str, str]) -> None:
    assert (await client.post("/subscribe", data={**FORM, **change})).status_code == 422


async def test_links_that_are_not_ours_open_nothing(
    client: httpx.AsyncClient, program: Program, postbox: Postbox, clock: FakeClock
) -> None:
    manage = await confirmed(client, program, postbox)
    forged = manage[:-1] + ("0" if manage[-1] != "0" else "1")
    for response in (await client.get(forged), await client.post(f"{forged}/stop"), await client.get("/subscribe/c/x")):
        assert response.status_code == 404
    await client.post("/subscribe", data={**FORM, "mailbox": "li@example.org"})
    await deliver(program, postbox)
    clock.advance(days=8)
    assert (await client.post(postbox.link())).status_code == 404


async def test_a_letter_that_surely_was_not_sent_is_sent_later(
    client: httpx.AsyncClient, program: Program, postbox: Postbox, clock: FakeClock
) -> None:
    await client.post("/subscribe", data=FORM)
    postbox.says = Ending(Ended.PUT_OFF, "unreachable")
    assert await deliver(program, postbox) == {"put_off": 1}
    postbox.says = SENT
    assert await deliver(program, postbox) == {}
    clock.advance(minutes=6)
    assert await deliver(program, postbox) == {"sent": 1}


async def test_who_ended_is_forgotten_after_some_weeks(
    client: httpx.AsyncClient, program: Program, clock: FakeClock
) -> None:
    await client.post("/subscribe", data=FORM)
    clock.advance(days=31)
    assert program.subscriptions
    parts = {"write": program.store.write, "links": program.subscriptions.links, "wording": program.wording}
    rounds = LetterRound(postman=None, clock=program.clock, federation="x", **parts)
    assert await rounds.forget() == {"rows": 1}
    assert await state_of(program) is None


async def test_a_link_ends_with_its_subscription_and_opens_no_other_and_no_later_one(
    client: httpx.AsyncClient, program: Program, postbox: Postbox, clock: FakeClock
) -> None:
    manage = await confirmed(client, program, postbox)
    await client.post("/subscribe", data={**FORM, "mailbox": "li@example.org"})
    await deliver(program, postbox)
    other = re.search(r'href="(/subscribe/p/[^"]+)"', (await client.post(postbox.link())).text)[1]
    prefix = len("/subscribe/p/")
    mixed = other[: prefix + 32] + manage[prefix + 32 :]
    assert (await client.post(f"{mixed}/stop", data={"List-Unsubscribe": "One-Click"})).status_code == 404
    await client.post(f"{manage}/stop")
    assert (await state_of(program))[0] is SubscriberState.STOPPED
    async with program.store.read() as work:
        assert (await work.subscribers.counts())[EMAIL, SubscriberState.ACTIVE] == 1, "the other one stands"
    clock.advance(days=31)
    assert program.subscriptions
    parts = {"write": program.store.write, "links": program.subscriptions.links, "wording": program.wording}
    await LetterRound(postman=None, clock=program.clock, federation="x", **parts).forget()
    assert (await client.get(manage)).status_code == 404
    anew = await confirmed(client, program, postbox)
    assert anew != manage
    assert (await client.get(manage)).status_code == 404
    assert (await client.post(manage, data={"pace": "weekly"}, follow_redirects=True)).status_code == 404
    assert (await state_of(program))[1] is Pace.AT_ONCE
