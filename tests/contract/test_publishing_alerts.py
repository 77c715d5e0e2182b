"""Telling staff about deliveries: publicists and the author, once, in words, in the transaction that it is about."""

from dataclasses import replace

from bot.complaints.notices import Road
from bot.keyring import KeyRing
from bot.publishing.alerts import Alert, AlertKind
from bot.publishing.words import PublishingWords
from bot.roles import Role
from bot.staff.letters import LetterWriter
from bot.staff.members import StaffMember
from bot.staff.publishing_alerts import PREFIX, StaffAlerts
from bot.store.unit_of_work import SqlStore
from bot.wording import load_wording
from tests.builders import ROOT
from tests.fakes import FakeClock
from tests.newsroom import NINE, a_post

WORDING = load_wording(ROOT / "content" / "replies")
ALERT = Alert(
    kind=AlertKind.HELD,
    once="held:1",
    post="post-1",
    channel="wechat",
    delivery="d1",
    data={"due": "2026-12-01T01:00Z", "code": "not_approved"},
)


def a_member(id: str, role: Role) -> StaffMember:
    return StaffMember(id=id, login=id, name=id, role=role, mail=f"{id}@example.org")


async def told(store: SqlStore, alert: Alert, *, without: frozenset[Role] = frozenset()) -> dict[str, list[str]]:
    """Who was told what kinds, in the console."""
    alerts = StaffAlerts(PublishingWords(WORDING).channel, {Road.CONSOLE, Road.MAIL}, FakeClock(NINE))
    roles = {
        "anna": Role.PUBLICIST,
        "bert": Role.PUBLICIST,
        "writer": Role.CADRE,
        "carl": Role.CADRE,
        "dora": Role.ADMINISTRATOR,
        "sue": Role.SUPERVISOR,
    }
    roles = {id: role for id, role in roles.items() if role not in without}
    async with store.write() as work:
        await work.posts.add(a_post())
        for id, role in roles.items():
            await work.staff.add(a_member(id, role), "x", NINE)
        for _ in range(2):
            await alerts.tell(work, alert)
        found = {id: [each.notice.kind for each in await work.notices.unseen(id)] for id in roles}
        await work.commit()
    return {id: kinds for id, kinds in found.items() if kinds}


async def test_publicists_and_the_author_are_told_once(store: SqlStore, keys: KeyRing) -> None:
    assert await told(store, ALERT) == {name: ["post_held"] for name in ("anna", "bert", "writer")}


async def test_where_nobody_is_concerned_supervisors_are_told(store: SqlStore) -> None:
    """A post that came with the program, where nobody has the role of a publicist: it must not be forgotten."""
    assert await told(store, ALERT, without=frozenset({Role.PUBLICIST, Role.CADRE})) == {"sue": ["post_held"]}


async def test_what_concerns_the_account_is_told_to_administrators_as_well(store: SqlStore) -> None:
    alert = replace(ALERT, kind=AlertKind.REAUTHORISE, post="", delivery="", data={})
    assert set(await told(store, alert)) == {"anna", "bert", "dora"}


async def test_the_letter_names_post_channel_and_time_in_china(store: SqlStore) -> None:
    await told(store, ALERT)
    async with store.read() as work:
        [notice] = await work.notices.unseen("anna")
    letter = LetterWriter(WORDING, federation="菏泽工会", page="").mail([notice.notice])
    assert letter.lines == ("稿件“欠薪怎么办”到期复核有问题，没有发（微信公众号，2026-12-01 09:00），请处理",)


def test_every_kind_of_alert_has_words() -> None:
    keys = [f"{part}.{PREFIX}{kind}" for kind in AlertKind for part in ("notices.line", "console.notice_kind")]
    assert [key for key in keys if not WORDING.has(key)] == []
