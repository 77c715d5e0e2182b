"""What is kept of staff: accounts, saved views, notices that wait to be sent, and the register's own rules."""

import pytest
from sqlalchemy import text

from bot.complaints.notices import Road, StaffNotice
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.roles import Role
from bot.staff.errors import LoginTaken, StaffRefused, UnknownStaff
from bot.staff.members import StaffMember, Stage
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.staff import PASSWORD, Office


@pytest.fixture
def office(store: SqlStore, keys: KeyRing, clock: FakeClock) -> Office:
    return Office(store, keys, clock)


def a_notice(key: str = "overdue:1:2026-11-22", road: Road = Road.MAIL, **fields: str) -> StaffNotice:
    values = {"kind": "overdue", "staff": "a" * 32, "number": "HZ261122-048213", "case": "c" * 32, **fields}
    return StaffNotice(key=key, road=road, data={"rule": "accept", "due": "2026-11-27"}, **values)


async def test_an_account_is_found_as_it_was_made(office: Office) -> None:
    made = await office.directory.add(
        login="Wang.Wu",
        name=" 王五 ",
        role=Role.CADRE,
        districts=["mudan", "caoxian"],
        mail="wang@example.org",
        wecom="wangwu",
        by="operator",
        now=office.clock.now(),
    )
    member = made.member
    assert (member.login, member.name, member.districts) == ("wang.wu", "王五", frozenset({"mudan", "caoxian"}))
    async with office.store.read() as work:
        assert await work.staff.find(member.id) == member
        assert await work.staff.find_login("wang.wu") == member
        assert await work.staff.find_login("Wang.Wu") is None
        assert await work.staff.of_role(Role.CADRE, "mudan") == [member]
        assert await work.staff.of_role(Role.CADRE, "juye") == []
        assert (await work.staff.credentials(member.id)).must_change


async def test_names_addresses_and_secrets_stand_sealed(office: Office) -> None:
    await office.hire(mail="wang@example.org", wecom="wangwu-userid")
    _, secret, codes = await office.enrol((await office.sign_in()).token)
    await office.hire("other")
    offered = (await office.enrolment.offer((await office.sign_in("other")).token, office.clock.now())).secret
    async with office.store.write() as work:
        await work.views.save("a" * 32, "牡丹机械厂的案子", {"employer": "牡丹机械厂"})
        await work.commit()
    async with office.store.engine.connect() as connection:
        kept = b""
        for table in ("staff", "staff_session", "saved_view", "audit"):
            for row in (await connection.execute(text(f"SELECT * FROM {table}"))).all():
                kept += b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    hidden = ["李四", "wang@example.org", "wangwu-userid", secret, offered, *codes, "牡丹机械厂", PASSWORD]
    assert [word for word in hidden if word.encode() in kept] == []
    assert b"li.si" in kept  # this search does find what stands open


async def test_two_accounts_of_one_login_cannot_be(office: Office) -> None:
    await office.hire()
    with pytest.raises(LoginTaken):
        await office.hire(login="LI.SI")
    assert len(await office.directory.members()) == 1


REFUSED = {
    "login": {"login": "李四"},
    "short login": {"login": "l"},
    "name": {"name": "  "},
    "role": {"role": Role.WORKER},
    "districts": {"districts": ["atlantis"]},
    "no districts": {"districts": []},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED.keys())
async def test_an_account_that_cannot_be_is_refused(office: Office, fields: dict[str, object]) -> None:
    values = {"login": "li.si", "name": "李四", "role": Role.CADRE, "districts": ["mudan"], **fields}
    with pytest.raises(StaffRefused) as refused:
        await office.directory.add(**values, by="operator", now=office.clock.now())  # type: ignore[arg-type]
    assert refused.value.code in {"login", "name", "role", "districts"}
    async with office.store.read() as work:
        assert (await work.audit.head()).seq == 0


async def test_a_change_is_logged_without_what_is_personal(office: Office) -> None:
    member = await office.hire(role=Role.CADRE)
    token = (await office.sign_in()).token
    changed = await office.directory.change(
        member.id, by="b" * 32, now=office.clock.now(), name="王五", districts=frozenset({"caoxian"})
    )
    assert (changed.name, changed.districts) == ("王五", frozenset({"caoxian"}))
    async with office.store.read() as work:
        record = (await work.audit.of(member.id))[0]
    assert (record.actor, record.action) == ("b" * 32, "staff.changed")
    assert record.details == {"fields": "districts name", "districts": "caoxian"}
    assert await office.current(token) is None  # signs in anew with what may be done now


async def test_a_change_of_the_name_alone_leaves_sessions_and_no_change_is_not_logged(office: Office) -> None:
    member = await office.hire()
    token = (await office.sign_in()).token
    await office.directory.change(member.id, by="operator", now=office.clock.now(), name="王五")
    await office.directory.change(member.id, by="operator", now=office.clock.now(), name="王五")
    assert await office.current(token) is not None
    async with office.store.read() as work:
        assert (await work.audit.page(action="staff.changed"))[1] == 1


async def test_the_last_administrator_can_neither_be_shut_nor_made_something_else(office: Office) -> None:
    first = await office.hire("admin", Role.ADMINISTRATOR)
    for fields in ({"active": False}, {"role": Role.LEADER}):
        with pytest.raises(StaffRefused, match="last_administrator"):
            await office.directory.change(first.id, by="operator", now=office.clock.now(), **fields)
    await office.hire("admin2", Role.ADMINISTRATOR)
    shut = await office.directory.change(first.id, by="operator", now=office.clock.now(), active=False)
    assert not shut.active


async def test_a_reset_signs_out_unlocks_and_takes_the_code_away(office: Office) -> None:
    member = await office.hire()
    full, _, _ = await office.enrol((await office.sign_in()).token)
    made = await office.directory.reset(member.id, by="operator", now=office.clock.now())
    assert await office.current(full.token) is None
    assert (await office.sign_in(password=made.password)).stage is Stage.CHANGE
    assert made.password not in repr(made)


async def test_a_reset_may_leave_the_code(office: Office) -> None:
    member = await office.hire()
    await office.enrol((await office.sign_in()).token)
    made = await office.directory.reset(member.id, by="operator", now=office.clock.now(), keep_totp=True)
    assert (await office.sign_in(password=made.password)).stage is Stage.TOTP


async def test_an_administrator_signs_somebody_out_everywhere(office: Office) -> None:
    member = await office.hire()
    tokens = [(await office.sign_in()).token for _ in range(3)]
    assert await office.directory.end_sessions(member.id, by="b" * 32) == 3
    assert [await office.current(token) for token in tokens] == [None] * 3


async def test_what_is_not_there_is_told(office: Office) -> None:
    with pytest.raises(UnknownStaff):
        await office.directory.reset("f" * 32, by="operator", now=office.clock.now())
    with pytest.raises(UnknownStaff):
        await office.directory.change("f" * 32, by="operator", now=office.clock.now(), name="x")
    async with office.store.write() as work:
        assert await work.staff.find("f" * 32) is None
        with pytest.raises(UnknownStaff):
            await work.staff.credentials("f" * 32)


async def test_a_profile_moved_to_another_account_does_not_open(office: Office) -> None:
    await office.hire("one")
    two = await office.hire("two")
    async with office.store.engine.begin() as connection:
        await connection.execute(
            text("UPDATE staff SET profile = (SELECT o.profile FROM staff o WHERE o.login = 'one') WHERE login = 'two'")
        )
    with pytest.raises(CannotOpen):
        async with office.store.read() as work:
            await work.staff.find(two.id)


async def test_views_are_of_their_owner_alone(store: SqlStore) -> None:
    mine, theirs = "a" * 32, "b" * 32
    async with store.write() as work:
        await work.views.save(mine, "逾期", {"due": "overdue"})
        await work.views.save(mine, "逾期", {"due": "amber"})
        await work.views.save(theirs, "逾期", {"due": "overdue"})
        (view,) = await work.views.of(mine)
        assert (view.name, view.filter) == ("逾期", {"due": "amber"})
        assert not await work.views.drop(theirs, view.id)
        assert await work.views.drop(mine, view.id)
        assert await work.views.of(mine) == []
        assert len(await work.views.of(theirs)) == 1
        await work.commit()


async def test_the_badge_counts_what_was_not_seen(store: SqlStore, clock: FakeClock) -> None:
    mine, theirs = "a" * 32, "b" * 32
    async with store.write() as work:
        for number in range(3):
            await work.notices.add(a_notice(f"badge:{number}", Road.CONSOLE), clock.now())
        await work.notices.add(a_notice("badge:theirs", Road.CONSOLE, staff=theirs), clock.now())
        await work.notices.add(a_notice("mail"), clock.now())
        assert len(await work.notices.claim_letter(clock.now(), set(Road))) == 1  # the badge is not sent
        assert await work.notices.count_unseen(mine) == 3
        first, *_ = await work.notices.unseen(mine)
        assert await work.notices.mark_seen(theirs, clock.now(), [first.id]) == 0
        assert await work.notices.mark_seen(mine, clock.now(), [first.id]) == 1
        assert await work.notices.mark_seen(mine, clock.now()) == 2
        assert (await work.notices.count_unseen(mine), await work.notices.count_unseen(theirs)) == (0, 1)
        await work.commit()


def test_a_member_is_a_viewer_with_the_receipt_that_was_read_out() -> None:
    member = StaffMember(id="a" * 32, login="op", name="话务", role=Role.OPERATOR, active=False)
    viewer = member.viewer(receipt_for="c" * 32)
    assert (viewer.role, viewer.receipt_for, viewer.active) == (Role.OPERATOR, "c" * 32, False)
    assert "话务" not in repr(member)
