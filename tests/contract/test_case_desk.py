"""What stands beside a case: receipts waiting, links, blind indexes, employers, findings of the radar, attempts."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.complaints.cases import Employer
from bot.complaints.kept import FindingState, Link
from bot.complaints.receipts import new_receipt
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cases import NOW, register
from tests.fakes import FakeClock

TODAY = date(2026, 11, 22)
HOURS_24 = timedelta(hours=24)


async def test_a_receipt_waits_for_its_person_until_its_time_is_over(store: SqlStore, clock: FakeClock) -> None:
    receipts = [new_receipt() for _ in range(3)]
    async with store.write() as work:
        await work.receipts.keep("case-1", "a", receipts[0], clock.now() + HOURS_24)
        await work.receipts.keep("case-2", "a", receipts[1], clock.now() + 2 * HOURS_24)
        await work.receipts.keep("case-3", "b", receipts[2], clock.now() + HOURS_24)
        await work.commit()
    async with store.read() as work:
        assert await work.receipts.waiting("a", clock.now()) == [("case-1", receipts[0]), ("case-2", receipts[1])]
        assert await work.receipts.waiting("a", clock.now() + HOURS_24) == [("case-2", receipts[1])]
        assert await work.receipts.waiting("c", clock.now()) == []
    async with store.write() as work:
        assert await work.receipts.delete_expired(clock.now() + HOURS_24) == 2
        await work.commit()
    async with store.read() as work:
        assert await work.receipts.waiting("b", clock.now()) == []


async def test_a_confirmed_receipt_is_gone(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        await work.receipts.keep("case-1", "a", new_receipt(), clock.now() + HOURS_24)
        assert await work.receipts.confirm("case-1")
        assert not await work.receipts.confirm("case-1")
        assert await work.receipts.waiting("a", clock.now()) == []


async def link(store: SqlStore, *grants: str, person: str = "a", case: str = "case-1") -> list[Link]:
    async with store.write() as work:
        await work.links.add(case, person, "wechat", f"openid-of-{person}", grants, NOW)
        await work.commit()
    async with store.read() as work:
        return await work.links.of(case)


async def test_each_grant_of_a_link_is_used_once(store: SqlStore) -> None:
    (found,) = await link(store, "news", "news", "verdict")
    assert (found.channel, found.address, found.grants) == ("wechat", "openid-of-a", ("news", "news", "verdict"))
    async with store.write() as work:
        assert [await work.links.spend(found.id, "news") for _ in range(3)] == [True, True, False]
        assert not await work.links.spend(found.id + 1, "verdict")
        assert [one.grants for one in await work.links.of("case-1")] == [("verdict",)]


async def test_a_new_grant_joins_what_was_granted_before(store: SqlStore) -> None:
    await link(store, "news")
    (found,) = await link(store, "verdict")
    assert found.grants == ("news", "verdict")


async def test_of_many_processes_one_uses_a_grant(open_store: Callable[[], SqlStore]) -> None:
    stores = [open_store() for _ in range(3)]
    (found,) = await link(stores[0], "news")

    async def spend(number: int) -> bool:
        async with stores[number % 3].write() as work:
            spent = await work.links.spend(found.id, "news")
            await work.commit()
            return spent

    assert (await asyncio.gather(*(spend(number) for number in range(9)))).count(True) == 1


async def test_forgetting_a_person_unlinks_their_cases_only(store: SqlStore) -> None:
    for case in ("case-1", "case-2"):
        await link(store, person="a", case=case)
    await link(store, person="b")
    async with store.write() as work:
        assert await work.links.forget("a") == ("case-1", "case-2")
        assert await work.links.forget("a") == ()
        assert [one.address for one in await work.links.of("case-1")] == ["openid-of-b"]


async def test_a_subject_is_found_by_what_it_is_indexed_under(store: SqlStore, keys: KeyRing) -> None:
    mine = keys.index("phone", "13812345678")
    async with store.write() as work:
        for subject in ("case-1", "case-2", "case-1"):
            await work.blind.put("phone", mine, subject)
        await work.blind.put("phone", keys.index("phone", "13900000000"), "case-3")
        wanted = keys.index_all("phone", "13812345678")
        assert await work.blind.find("phone", wanted) == ["case-1", "case-2"]
        assert await work.blind.find("employer", wanted) == []
        assert await work.blind.find("phone", []) == []
        assert await work.blind.drop("phone", "case-1") == 1
        assert await work.blind.find("phone", wanted) == ["case-2"]


EMPLOYER = Employer(id="e1", name="菏泽某某建筑有限公司", aliases=("某某建筑",), credit_code="91371700MA3C0XXXXX")


async def test_the_register_keeps_what_is_known_of_an_employer(store: SqlStore, clock: FakeClock) -> None:
    other = Employer(id="e2", name="另一家")
    async with store.write() as work:
        await work.employers.add(EMPLOYER, clock.now())
        await work.employers.add(other, clock.now() + HOURS_24)
        renamed = Employer(id="e2", name="另一家", aliases=("又一家",))
        assert await work.employers.change(renamed, clock.now())
        assert not await work.employers.change(Employer(id="e3", name="没有"), clock.now())
        await work.commit()
    async with store.read() as work:
        assert await work.employers.all() == [EMPLOYER, renamed]
        assert await work.employers.find("e1") == EMPLOYER
        assert await work.employers.find("e3") is None


async def test_a_merged_employer_hands_over_cases_and_hashes(store: SqlStore, clock: FakeClock) -> None:
    case = await register(store, employer="e2")
    async with store.write() as work:
        for number in ("e0", "e1", "e2"):
            await work.employers.add(Employer(id=number, name=number), clock.now())
            await work.blind.put("employer", f"1:{number}", number)
        await work.blind.put("employer", "1:both", "e1")
        await work.blind.put("employer", "1:both", "e2")
        assert await work.employers.merge("e0", "e2", clock.now()) == 0
        assert await work.employers.merge("e2", "e1", clock.now()) == 1
        await work.commit()
    async with store.read() as work:
        assert [one.id for one in await work.employers.all()] == ["e1"]
        assert [one.merged_into for one in await work.employers.all(merged=True)] == ["e1", "", "e1"]
        for name in ("1:e0", "1:e1", "1:e2", "1:both"):
            assert await work.blind.find("employer", [name]) == ["e1"]
        moved = await work.cases.find(case.id)
    assert moved is not None
    assert moved.employer == "e1"


@pytest.mark.parametrize("into", ["e1", "unknown", "merged"])
async def test_an_employer_is_not_merged_into_itself_nor_into_what_is_not_there(
    store: SqlStore, clock: FakeClock, into: str
) -> None:
    async with store.write() as work:
        await work.employers.add(EMPLOYER, clock.now())
        await work.employers.add(Employer(id="merged", name="旧", merged_into="e9"), clock.now())
        with pytest.raises(ValueError, match="merged"):
            await work.employers.merge("e1", into, clock.now())


async def test_a_finding_comes_up_when_it_is_new_and_when_it_grows(store: SqlStore, clock: FakeClock) -> None:
    async def look(*cases: str, today: date = TODAY) -> tuple[str, ...] | None:
        found = await work.radar.open("employer", "e1", district="north", cases=cases, today=today)
        return None if found is None else found.cases

    async with store.write() as work:
        assert await look("1", "2", "3") == ("1", "2", "3")
        assert await look("1", "2", "3") is None
        assert await look("3", "4") == ("1", "2", "3", "4")
        (finding,) = await work.radar.open_findings()
        assert (finding.kind, finding.subject, finding.district, finding.opened_on) == (
            "employer",
            "e1",
            "north",
            TODAY,
        )
        assert await work.radar.decide(finding.id, FindingState.SEPARATE, by="anna", now=clock.now())
        assert not await work.radar.decide(finding.id, FindingState.MERGED, by="bert", now=clock.now())
        assert await work.radar.open_findings() == []
        decided = await work.radar.find(finding.id)
        assert decided is not None
        assert (decided.state, decided.decided_by, decided.decided_at) == (FindingState.SEPARATE, "anna", clock.now())
        tomorrow = TODAY + timedelta(days=1)
        assert await look("1", "2", "4", today=tomorrow) is None
        assert await look("1", "2", "5", today=tomorrow) == ("1", "2", "5")


async def test_the_radar_of_many_processes_opens_one_finding(open_store: Callable[[], SqlStore]) -> None:
    stores = [open_store() for _ in range(3)]

    async def look(number: int) -> bool:
        async with stores[number % 3].write() as work:
            found = await work.radar.open("site", "s1", district="", cases=("1", "2", "3"), today=TODAY)
            await work.commit()
            return found is not None

    assert (await asyncio.gather(*(look(number) for number in range(6)))).count(True) == 1


async def test_attempts_are_counted_by_kind_source_and_window(store: SqlStore, clock: FakeClock) -> None:
    window = clock.now()
    async with store.write() as work:
        assert await work.attempts.count("receipt", "a", window, add=0) == 0
        assert [await work.attempts.count("receipt", "a", window) for _ in range(3)] == [1, 2, 3]
        assert await work.attempts.count("receipt", "b", window, add=5) == 5
        assert await work.attempts.count("filing", "a", window) == 1
        assert await work.attempts.count("receipt", "a", window + HOURS_24) == 1
        assert await work.attempts.count("receipt", "a", window, add=0) == 3
        assert await work.attempts.total("receipt", window) == 8
        assert await work.attempts.total("login", window) == 0
        await work.attempts.forget("receipt", "a")
        assert await work.attempts.total("receipt", window) == 5
        assert await work.attempts.delete_before(window + HOURS_24) == 2
        assert await work.attempts.total("receipt", window) == 0


async def test_what_everybody_counts_is_counted_for_all_of_them(store: SqlStore) -> None:
    """On PostgreSQL it stands in many rows, so that nobody waits for everybody: their sum counts."""
    window = NOW
    shared, before = ("filing_all", "*", window), ("filing_all", "*", window - HOURS_24)
    seen = []
    for number in range(12):
        async with store.write() as work:
            mine = ("filing", f"source-{number % 2}", window)
            counted = await work.attempts.count_later([shared, mine], shared=[shared])
            await work.commit()
            seen.append(counted())
    assert seen == [[number + 1, number // 2 + 1] for number in range(12)]
    async with store.write() as work:
        counted = await work.attempts.count_later([before], shared=[before])
        with pytest.raises(RuntimeError):
            counted()
        assert await work.attempts.total("filing_all", window) == 12
        assert counted() == [1]


async def test_attempts_that_come_to_many_processes_at_once_are_all_counted(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(3)]

    async def attempt(number: int) -> int:
        async with stores[number % 3].write() as work:
            counted = await work.attempts.count("receipt", "a", clock.now())
            await work.commit()
            return counted

    assert sorted(await asyncio.gather(*(attempt(number) for number in range(12)))) == list(range(1, 13))
