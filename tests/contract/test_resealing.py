"""A change of keys: everything that was sealed opens with the new ring alone, and what does not open is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.audit import AuditEntry
from bot.complaints.cases import Employer
from bot.complaints.desk.employer_register import CREDIT_CODE, EMPLOYER, index_employer
from bot.complaints.receipts import new_receipt
from bot.complaints.reindexing import rebuild_indexes
from bot.complaints.worker.search_index import PHONE, index_statement
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.messages import Reply
from bot.roles import Role
from bot.staff.members import StaffMember, StaffSession, Stage
from bot.store.ciphertext import holds_ciphertext
from bot.store.resealing import Resealing
from bot.store.sealed_columns import BY_RECORD, BY_RING, PUBLIC, binary_columns
from bot.store.unit_of_work import SqlStore
from bot.stored_updates import Arrival
from bot.subscriptions.subscribers import Pace, SubscriberState
from tests import cases
from tests.cases import NOW, a_case, a_file, a_statement

PERSON, STAFF = "p" * 32, "a" * 32
RECEIPT = new_receipt()
CASE = a_case(id="c" * 32)
OFFICE = Employer(id="e" * 32, name="菏泽某某建筑公司", aliases=("某某建筑",), credit_code="91371700MA3C0000XX")


async def fill(store: SqlStore, keys: KeyRing) -> str:
    """Something in every sealed column; gives the id of the file."""
    file, wrapped = a_file(keys, case=CASE.id)
    async with store.write() as work:
        await cases.put(work, CASE, receipt=keys.index("receipt", RECEIPT.reveal()))
        await index_statement(work, keys, CASE.id, a_statement())
        await work.timeline.add(CASE.id, cases.an_entry(note="内部", public=False))
        await work.timeline.add(CASE.id, cases.an_entry(note="公开", public=True))
        await work.messages.add(CASE.id, cases.a_message())
        await work.files.add(file, wrapped)
        await work.receipts.keep(CASE.id, PERSON, RECEIPT, NOW + timedelta(hours=24))
        await work.links.add(CASE.id, PERSON, "wechat", "o-invented", ["notice"], NOW)
        await work.employers.add(OFFICE, NOW)
        await index_employer(work, keys, OFFICE)
        await work.inbound.keep("wechat", "m1", PERSON, Reply(text="您好"), NOW)
        await work.conversations.save(PERSON, "wechat", {"draft": "未写完"}, NOW, 0)
        await work.values.save("token", "a-token", NOW)
        subscribed = {"topics": (), "pace": Pace.WEEKLY, "state": SubscriberState.ACTIVE}
        await work.subscribers.put("email", "a@example.org", subscribed, NOW)
        await work.telegram_updates.add_all(7001, [Arrival(1, PERSON, b"{}")], "owner", NOW, NOW)
        await work.telegram_updates.keep_replies(7001, 1, [Reply(text="您好")])
        await work.audit.append(AuditEntry(STAFF, "case.seen", CASE.id, text="看过"))
        await record_question(work)
        await hire(work)
        await work.commit()
    return file.id


async def record_question(work: object) -> None:
    await work.questions.record(  # type: ignore[attr-defined]
        id="q" * 32,
        asked_at=NOW,
        channel="site",
        person=PERSON,
        text="拖欠工资",
        outcome="none",
        reason="",
        topics=[],
        scores=[],
        base="",
    )


async def hire(work: object) -> None:
    member = StaffMember(id=STAFF, login="li.si", name="李四", role=Role.CADRE, mail="a@example.org")
    await work.staff.add(member, "hash", NOW)  # type: ignore[attr-defined]
    await work.staff.set_credentials(STAFF, totp="TOTPSECRET")  # type: ignore[attr-defined]
    session = StaffSession(staff=STAFF, began_at=NOW, seen_at=NOW, stage=Stage.FULL, data={"totp": "SECRET"})
    await work.sessions.add("token", session)  # type: ignore[attr-defined]
    await work.views.save(STAFF, "我的", {"employer": OFFICE.id})  # type: ignore[attr-defined]


def renewed(keys: KeyRing) -> KeyRing:
    return keys.with_new_key().with_new_index_key()


def only_new(keys: KeyRing) -> KeyRing:
    """The ring as it is after the older keys have been taken off."""
    return keys.without_keys([id for id, _ in keys.keys])


def test_every_column_of_bytes_is_on_the_list_of_sealed_ones() -> None:
    """A column that is forgotten here would be unreadable after the next change of keys."""
    listed = [(column.table, column.column) for column in (*BY_RING, *BY_RECORD)]
    assert len(listed) == len(set(listed))
    assert set(listed) == binary_columns() - PUBLIC


async def test_the_test_data_fill_every_sealed_column(store: SqlStore, keys: KeyRing) -> None:
    """What is empty is resealed correctly by any program."""
    await fill(store, keys)
    async with store.engine.connect() as connection:
        for column in (*BY_RING, *BY_RECORD):
            query = select(func.count()).select_from(column.rows).where(column.rows.c[column.column].is_not(None))
            assert (await connection.execute(query)).scalar_one() >= 1, column


async def test_after_resealing_everything_opens_without_the_old_key(
    store: SqlStore, keys: KeyRing, open_store: Callable[[], SqlStore]
) -> None:
    file = await fill(store, keys)
    ring = renewed(keys)
    found = await Resealing(store, ring).reseal()
    assert {column.column: column.unreadable for column in found if column.unreadable} == {}
    assert sum(column.resealed for column in found) == sum(column.values for column in found) >= len(BY_RING)
    ring = only_new(ring)
    assert [column for column in await Resealing(store, ring).verify() if column.unreadable] == []
    async with SqlStore(store.engine, ring).read() as work:
        assert await work.cases.statement(CASE.id) == a_statement()
        assert [message.text for message in await work.messages.of(CASE.id, ["from_worker"])] == ["什么时候有消息"]
        assert {entry.note for entry in await work.timeline.of(CASE.id)} == {"内部", "公开"}
        assert await work.receipts.waiting(PERSON, NOW) == [(CASE.id, RECEIPT)]
        assert (await work.links.of(CASE.id))[0].address == "o-invented"
        assert await work.employers.find(OFFICE.id) == OFFICE
        found_file = await work.files.find(file)
        assert found_file is not None
        assert found_file[0].meta.name == "工资条.jpg"


async def test_resealing_again_finds_nothing_to_do(store: SqlStore, keys: KeyRing) -> None:
    await fill(store, keys)
    ring = renewed(keys)
    await Resealing(store, ring).reseal()
    assert sum(column.values for column in await Resealing(store, ring).reseal()) == 0


async def test_what_is_in_the_way_is_named_and_left_alone(store: SqlStore, keys: KeyRing) -> None:
    """One damaged row must neither stop the others nor be made worse."""
    await fill(store, keys)
    table = next(column for column in BY_RING if column.column == "address").rows
    async with store.engine.begin() as connection:
        await connection.execute(update(table).values(address=b"\x01rubbish rubbish rubbish rubbish"))
    found = {column.column: column for column in await Resealing(store, renewed(keys)).reseal()}
    damaged = found["case_link.address"]
    assert (len(damaged.unreadable), damaged.resealed) == (1, 0)
    assert all(column.resealed == column.values for name, column in found.items() if name != "case_link.address")


async def test_a_value_that_changed_meanwhile_is_not_overwritten(store: SqlStore, keys: KeyRing) -> None:
    await fill(store, keys)
    ring = renewed(keys)
    resealing = Resealing(store, ring)
    column = next(column for column in BY_RING if column.table == "stored_value")
    rows = [row async for row in resealing._rows(column, older_only=True)]
    async with store.write() as work:
        await work.values.save("token", "a newer token", NOW)
        await work.commit()
    from bot.store.resealing import Found

    found = Found("stored_value.value")
    await resealing._replace(column, rows, found)
    assert found.resealed == 0
    async with store.read() as work:
        assert await work.values.find("token", NOW) == "a newer token"


async def test_verifying_finds_what_another_ring_sealed(store: SqlStore, keys: KeyRing) -> None:
    await fill(store, keys)
    other = replace(keys, keys=renewed(keys).keys[:1])
    found = await Resealing(store, other).verify()
    assert all(len(column.unreadable) == column.values > 0 for column in found)
    assert [column for column in await Resealing(store, keys).verify() if column.unreadable] == []


@pytest.mark.parametrize("field", ["text", "note", "content", "meta"])
async def test_verifying_finds_swapped_values_of_records(store: SqlStore, keys: KeyRing, field: str) -> None:
    await fill(store, keys)
    other = a_case()
    file, wrapped = a_file(keys, case=other.id)
    async with store.write() as work:
        await cases.put(work, other)
        await work.messages.add(other.id, cases.a_message())
        await work.timeline.add(other.id, cases.an_entry(note="别的"))
        await work.files.add(file, wrapped)
        await work.commit()
    column = next(column for column in BY_RECORD if column.column == field)
    table, value = column.rows, column.rows.c[field]
    async with store.engine.begin() as connection:
        first, second = (await connection.execute(select(table).where(value.is_not(None)).limit(2))).all()
        for row, taken in ((first, second), (second, first)):
            await connection.execute(update(table).where(table.c.id == row.id).values({field: getattr(taken, field)}))
    found = {column.column: column for column in await Resealing(store, keys).verify()}
    assert len(found[f"{column.table}.{field}"].unreadable) == 2


async def test_uses_are_counted_by_key(store: SqlStore, keys: KeyRing) -> None:
    await fill(store, keys)
    ring = renewed(keys)
    old, new = keys.keys[0][0].hex(), ring.keys[0][0].hex()
    async with SqlStore(store.engine, ring).write() as work:
        await work.values.save("token", "a-token", NOW)
        await work.commit()
    uses = {column.column: column.by_key for column in await Resealing(store, ring).uses()}
    assert uses["stored_value.value"] == {new: 1}
    assert uses["complaint_case.key"] == {old: 1}


async def found_by(store: SqlStore, ring: KeyRing, kind: str, value: str) -> list[str]:
    async with store.read() as work:
        return await work.blind.find(kind, ring.index_all(kind, value))


async def test_blind_indexes_are_rebuilt_by_the_newest_key_and_receipts_still_found(
    store: SqlStore, keys: KeyRing
) -> None:
    await fill(store, keys)
    ring = renewed(keys)
    again = SqlStore(store.engine, ring)
    assert await rebuild_indexes(again.write, ring) == (2, 0)
    async with again.read() as work:
        assert set(await work.blind.versions()) == {2}
        case = await work.cases.find_receipt(ring.index_all("receipt", RECEIPT.reveal()))
    assert case is not None
    assert case.id == CASE.id
    newest = replace(ring, index_keys=ring.index_keys[:1])
    assert await found_by(again, newest, PHONE, "13812345678") == [CASE.id]
    assert await found_by(again, newest, CREDIT_CODE, OFFICE.credit_code) == [OFFICE.id]
    from bot.complaints.desk.employer_names import employer_form

    assert await found_by(again, newest, EMPLOYER, employer_form("某某建筑")) == [OFFICE.id]
    assert await rebuild_indexes(again.write, ring) == (0, 0)


async def test_a_database_says_whether_it_holds_anything_sealed(url: str, store: SqlStore, keys: KeyRing) -> None:
    assert not holds_ciphertext(url)
    async with store.write() as work:
        await work.values.save("token", "a-token", NOW)
        await work.commit()
    assert holds_ciphertext(url)


def test_a_database_without_tables_holds_nothing_sealed_and_is_not_made_by_looking(empty_url: str) -> None:
    assert not holds_ciphertext(empty_url)
    assert not holds_ciphertext(empty_url)


async def test_the_ring_of_a_restored_database_is_missed_at_the_first_value(store: SqlStore, keys: KeyRing) -> None:
    await fill(store, keys)
    other = replace(keys, keys=renewed(keys).keys[:1])
    async with SqlStore(store.engine, other).read() as work:
        with pytest.raises(CannotOpen):
            await work.cases.statement(CASE.id)
