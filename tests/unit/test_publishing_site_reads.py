"""Counting how often pages are opened, without following anybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from starlette.requests import Request

from bot.errors import StoreUnavailable
from bot.site import reads
from bot.site.reads import ReadCounter, is_by_person
from tests.fakes import FakeClock
from tests.site_posts import BROWSER


class Numbers:
    """A unit of work that adds numbers; it may be away."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, date], int] = {}
        self.away = False

    @property
    def reads(self) -> "Numbers":
        return self

    async def count(self, post: str, day: date, times: int = 1) -> None:
        self.counted[post, day] = self.counted.get((post, day), 0) + times

    async def commit(self) -> None:
        if self.away:
            self.counted.clear()
            raise StoreUnavailable("away")

    @asynccontextmanager
    async def write(self) -> AsyncIterator["Numbers"]:
        yield self


TODAY = date(2026, 11, 22)


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def counter(numbers: Numbers, clock: FakeClock) -> ReadCounter:
    return ReadCounter(numbers.write, clock)


def a_request(address: str = "198.51.100.7", method: str = "GET", **headers: str) -> Request:
    sent = {"user-agent": BROWSER} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "client": (address, 4711)})


async def test_an_opening_counts_once_in_ten_minutes_for_an_address(
    counter: ReadCounter, numbers: Numbers, clock: FakeClock
) -> None:
    counter.see(a_request(), "post-1")
    clock.advance(minutes=9, seconds=59)
    counter.see(a_request(), "post-1")
    counter.see(a_request(), "post-2")
    counter.see(a_request("203.0.113.9"), "post-1")
    clock.advance(seconds=1)
    counter.see(a_request(), "post-1")
    assert await counter.write() == {"reads": 4}
    assert numbers.counted == {("post-1", TODAY): 3, ("post-2", TODAY): 1}


async def test_machines_and_pages_fetched_ahead_do_not_count(counter: ReadCounter, numbers: Numbers) -> None:
    counter.see(a_request(method="HEAD"), "post-1")
    counter.see(a_request(sec_purpose="prefetch;prerender"), "post-1")
    counter.see(a_request(purpose="prefetch"), "post-1")
    for agent in ("", "Mozilla/5.0 (compatible; Baiduspider/2.0)", "Googlebot/2.1", "curl/8.5", "Bytespider"):
        counter.see(a_request(user_agent=agent), "post-1")
    assert await counter.write() == {}
    assert numbers.counted == {}


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50 NetType/4G",
        "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE) AppleWebKit/537.36 Chrome/99 Mobile",
        "Mozilla/5.0 (Linux; U; Android 10; zh-CN; HUAWEI) AppleWebKit/537.36 UCBrowser/15.4 Mobile Safari/537.36",
    ],
    ids=["chrome", "wechat", "cubot", "uc"],
)
def test_what_people_read_with_counts(agent: str) -> None:
    assert is_by_person({"user-agent": agent})


async def test_a_day_in_china_has_its_own_number(counter: ReadCounter, numbers: Numbers, clock: FakeClock) -> None:
    clock.advance(hours=13, minutes=55)  # 23:55 in China
    counter.see(a_request(), "post-1")
    clock.advance(minutes=6)
    counter.see(a_request(), "post-1")  # a new day has a new key, which knows nobody
    await counter.write()
    assert numbers.counted == {("post-1", TODAY): 1, ("post-1", date(2026, 11, 23)): 1}


async def test_no_address_is_kept_and_the_hash_of_one_process_means_nothing_to_another(
    numbers: Numbers, clock: FakeClock
) -> None:
    first, second = ReadCounter(numbers.write, clock), ReadCounter(numbers.write, clock)
    for counter in (first, second):
        counter.see(a_request(), "post-1")
    assert not set(first._seen) & set(second._seen)
    assert "198.51.100.7" not in repr(vars(first))


async def test_a_rush_of_addresses_takes_no_more_memory_than_allowed(
    counter: ReadCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "MOST_REMEMBERED", 10)
    for number in range(40):
        counter.see(a_request(f"198.51.100.{number}"), "post-1")
    assert len(counter._seen) <= 10


async def test_what_cannot_be_written_is_dropped_and_never_counted_twice(
    counter: ReadCounter, numbers: Numbers
) -> None:
    numbers.away = True
    counter.see(a_request(), "post-1")
    assert await counter.write() == {}
    numbers.away = False
    assert await counter.write() == {}
    assert numbers.counted == {}
