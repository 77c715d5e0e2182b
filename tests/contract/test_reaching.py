"""Grants to send notices: given, spent and taken back, and that the case says whether its worker can be reached."""

import pytest

from bot.complaints.worker import reaching
from bot.complaints.worker.reaching import SUBSCRIPTION, TEMPLATE
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cases import NOW, register

PERSON = "p1"


@pytest.fixture
async def cases(store: SqlStore, keys: KeyRing) -> tuple[str, str]:
    """Two cases of one person, the second the later one."""
    first, second = await register(store), await register(store)
    async with store.write() as work:
        for case in (first, second):
            await work.links.add(case.id, PERSON, "wechat", "openid-1", (), NOW)
        await work.commit()
    return first.id, second.id


async def grants(store: SqlStore, *cases: str) -> list[tuple[str, ...]]:
    async with store.read() as work:
        return [link.grants for case in cases for link in await work.links.of(case)]


async def reachable(store: SqlStore, *cases: str) -> list[bool]:
    async with store.read() as work:
        return [case.reachable for id in cases for case in await work.cases.find_many([id])]


async def test_one_subscription_is_one_notice_for_one_case(store: SqlStore, cases: tuple[str, str]) -> None:
    for number in (1, 2, 3):
        async with store.write() as work:
            assert await reaching.grant(work, PERSON, SUBSCRIPTION) in cases
            await work.commit()
        assert sum(map(len, await grants(store, *cases))) == number
    assert all(await grants(store, *cases)), "the second went to the case that had none"
    assert await reachable(store, *cases) == [True, True]


async def test_a_lasting_subscription_holds_for_every_case_and_once_is_enough(
    store: SqlStore, cases: tuple[str, str]
) -> None:
    for _ in range(2):
        async with store.write() as work:
            await reaching.grant(work, PERSON, SUBSCRIPTION, lasting=True)
            await work.commit()
    assert await grants(store, *cases) == [(SUBSCRIPTION,), (SUBSCRIPTION,)]


async def test_what_is_taken_back_leaves_the_case_unreachable_and_other_grants_alone(
    store: SqlStore, cases: tuple[str, str]
) -> None:
    async with store.write() as work:
        await reaching.grant(work, PERSON, SUBSCRIPTION, lasting=True)
        await work.links.add(cases[0], PERSON, "wechat", "openid-1", (TEMPLATE,), NOW)
        assert set(await reaching.revoke(work, PERSON, SUBSCRIPTION)) == set(cases)
        assert await reaching.revoke(work, PERSON, SUBSCRIPTION) == ()
        await work.commit()
    assert await grants(store, *cases) == [(TEMPLATE,), ()]
    assert await reachable(store, *cases) == [True, False]


async def test_who_asked_for_no_notices_grants_none(store: SqlStore) -> None:
    async with store.write() as work:
        assert await reaching.grant(work, "somebody", SUBSCRIPTION) == ""
        assert await reaching.grant(work, "somebody", SUBSCRIPTION, lasting=True) == ""


async def test_who_leaves_cannot_be_reached_and_nobodys_form_gets_out_of_date(
    store: SqlStore, cases: tuple[str, str]
) -> None:
    async with store.write() as work:
        await reaching.grant(work, PERSON, SUBSCRIPTION, lasting=True)
        before = await work.cases.find_many(cases)
        await reaching.unlink(work, PERSON)
        await reaching.unlink(work, PERSON)
        await work.commit()
    async with store.read() as work:
        after = await work.cases.find_many(cases)
    assert [case.reachable for case in before + after] == [True, True, False, False]
    assert [case.version for case in before] == [case.version for case in after]
