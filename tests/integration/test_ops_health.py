"""`/health` and `/metrics`: what machines are told about the program."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Program
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.operations import make_health
from bot.ops import health
from bot.ops.health import SEEN, State, check_clock, check_disk, probe
from bot.store.unit_of_work import SqlStore
from bot.web import make_web
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import a_program

TOKEN = {"GONGHUI_METRICS_TOKEN": "a-long-token-of-tests"}


@asynccontextmanager
async def a_client(program: Program, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_web(program), client=(address, 1234))
    async with program.running(), httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        yield client


async def states(client: httpx.AsyncClient) -> dict[str, str]:
    body = (await client.get("/health")).json()
    return {name: check["state"] for name, check in body["checks"].items()}


async def test_a_program_that_works_is_well_and_says_what_was_looked_at(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    async with a_client(program) as client:
        answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["status"] == "ok"
    assert set(body["checks"]) == {"database", "keys", "clock", "index", "disk", "backup"}
    index = body["checks"]["index"]
    assert (index["revision"], index["entries"]) == (program.answers.base.revision[:12], 1)


async def test_health_tells_no_secret(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock, environ=TOKEN)
    async with a_client(program) as client:
        await program.inbox.receive(a_message("电话13812345678"))
        text = (await client.get("/health")).text
    assert not re.search(r"[0-9]{11}", text)
    assert str(tmp_path) not in text
    assert TOKEN["GONGHUI_METRICS_TOKEN"] not in text


async def test_a_database_that_is_away_fails_and_is_well_again_when_it_is_back(
    tmp_path: Path, clock: FakeClock
) -> None:
    program = a_program(tmp_path, clock)
    async with a_client(program) as client:
        async with program.store.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE stored_value RENAME TO elsewhere")
        answer = await client.get("/health")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == {"state": "fail", "cause": "unavailable"}
        async with program.store.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO stored_value")
        clock.advance(seconds=3)
        assert (await client.get("/health")).status_code == 200


async def test_an_index_that_is_not_built_yet_fails(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    await program.migrate()
    seen = await make_health(program).check()
    assert seen.checks["index"].state is State.FAIL
    assert not seen.is_well
    await program.store.close()


async def test_keys_of_another_installation_fail(tmp_path: Path, clock: FakeClock) -> None:
    """A service does not start with them (see test_keys_commands); one that runs must not look healthy either."""
    async with a_program(tmp_path, clock).running() as program:
        assert (await probe(program.store, clock))["keys"].state is State.OK
        other = SqlStore(program.store.engine, parse_key_ring(make_key_ring_document()))
        assert (await probe(other, clock))["keys"].state is State.FAIL


async def test_rotated_keys_are_still_the_keys(tmp_path: Path, clock: FakeClock) -> None:
    async with a_client(a_program(tmp_path, clock)) as client:
        await client.get("/health")
    path = tmp_path / "data" / "keys.json"
    ring, new = json.loads(path.read_text()), json.loads(make_key_ring_document())
    ring["keys"].insert(0, new["keys"][0])
    path.write_text(json.dumps(ring))
    parse_key_ring(json.dumps(ring))
    async with a_client(a_program(tmp_path, clock)) as client:
        assert (await states(client))["keys"] == "ok"


def test_a_clock_before_the_program_fails_and_one_that_runs_back_warns(clock: FakeClock) -> None:
    now = clock.now()
    assert check_clock(now, None).state is State.OK
    assert check_clock(now, (now - timedelta(days=30)).isoformat()).state is State.OK
    assert check_clock(now, (now + timedelta(minutes=4)).isoformat()).state is State.OK
    assert check_clock(now, (now + timedelta(minutes=6)).isoformat()).state is State.WARN
    assert check_clock(now.replace(year=2020), None).state is State.FAIL


async def test_a_clock_set_back_warns_once_and_is_then_believed(tmp_path: Path, clock: FakeClock) -> None:
    """Otherwise a clock that once ran ahead would be reported for as long as it was ahead."""
    async with a_client(a_program(tmp_path, clock)) as client:
        assert (await states(client))["clock"] == "ok"
    clock.advance(hours=-2)
    async with a_client(a_program(tmp_path, clock)) as client:
        assert (await states(client))["clock"] == "warn"
        clock.advance(seconds=31)
        assert (await states(client))["clock"] == "ok"


@pytest.mark.parametrize(
    ("free", "state"),
    [(63 * 2**20, State.FAIL), (64 * 2**20, State.WARN), (511 * 2**20, State.WARN), (512 * 2**20, State.OK)],
    ids=["full", "scarce", "less", "room"],
)
def test_room_on_the_disk_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert check_disk(tmp_path).state is state


def test_a_missing_data_folder_fails(tmp_path: Path) -> None:
    assert check_disk(tmp_path / "none").state is State.FAIL


class CountingStore:
    """A database that counts how often it is asked, and answers when the test lets it."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        self.asked += 1
        await self.open.wait()
        yield self

    @property
    def values(self) -> Any:
        return self

    async def find(self, *_: object) -> None: ...
    async def save(self, *_: object) -> None: ...
    async def delete(self, *_: object) -> None: ...
    async def commit(self) -> None: ...


def a_monitor(store: CountingStore, clock: FakeClock, folder: Path) -> health.HealthMonitor:
    return health.HealthMonitor(store=store, clock=clock, data_dir=folder, index=lambda: {"entries": 1})


async def test_asking_often_does_not_ask_the_database_often(tmp_path: Path, clock: FakeClock) -> None:
    store = CountingStore()
    monitor = a_monitor(store, clock, tmp_path)
    for _ in range(50):
        assert (await monitor.check()).is_well
    assert store.asked == 1
    clock.advance(seconds=30)
    await asyncio.gather(*(monitor.check() for _ in range(20)))
    assert store.asked == 2


async def test_a_database_that_does_not_answer_is_told_as_slow_and_asked_once(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.01)
    store = CountingStore()
    store.open.clear()
    monitor = a_monitor(store, clock, tmp_path)
    for _ in range(3):
        seen = await monitor.check()
        assert seen.checks["database"].facts == {"cause": "slow"}
    assert store.asked == 1
    store.open.set()
    monkeypatch.setattr(health, "PROBE_SECONDS", 3.0)
    assert (await monitor.check()).is_well


async def test_the_probe_leaves_nothing_but_the_time(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    async with a_client(program) as client:
        await client.get("/health")
        async with program.store.read() as work:
            assert await work.values.find(SEEN, clock.now()) == clock.now().isoformat()
            assert await work.values.find(health.ROOM, clock.now()) is None


def figure(text: str, name: str) -> float:
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"{name} "))


async def test_metrics_count_questions_repeats_and_replies(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    async with a_client(program) as client:
        message = a_message("老板三个月没发工资", channel="wechat")
        for _ in range(3):
            await program.inbox.receive(message)
        await program.inbox.receive(a_message("量子力学是什么", channel="site"))
        text = (await client.get("/metrics")).text
    assert figure(text, 'gonghui_questions_total{channel="wechat",outcome="answer"}') == 1
    assert figure(text, 'gonghui_questions_total{channel="site",outcome="none"}') == 1
    assert figure(text, 'gonghui_inbound_repeats_total{channel="wechat"}') == 2
    assert figure(text, 'gonghui_reply_seconds_count{channel="wechat"}') == 3
    assert figure(text, "gonghui_base_entries") == 1
    assert figure(text, "gonghui_index_ready") == 1
    assert figure(text, 'gonghui_build_info{version="test"}') == 1
    assert figure(text, 'gonghui_storage_errors_total{kind="full"}') == 0


async def test_metrics_hold_nothing_personal(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    said = "宋江13812345678"
    async with a_client(program) as client:
        await program.inbox.receive(a_message(said, sender=said, key=said))
        await client.get(f"/search?q={said}")
        text = (await client.get("/metrics")).text
    assert "宋江" not in text
    assert "13812345678" not in text
    assert program.keys.person("test", said) not in text


async def test_two_programs_in_one_process_count_apart(tmp_path: Path, clock: FakeClock) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (a_program(tmp_path / name, clock) for name in ("one", "two"))
    async with one.running(), a_client(two) as client:
        await one.inbox.receive(a_message("工资"))
        assert "gonghui_questions_total{" not in (await client.get("/metrics")).text


ALLOWED: Iterable[tuple[str, str, dict[str, str], bool]] = [
    ("this machine", "127.0.0.1", {}, True),
    ("this machine, version six", "::1", {}, True),
    ("another machine", "10.0.0.7", {}, False),
    ("another machine with the token", "10.0.0.7", {"Authorization": "Bearer a-long-token-of-tests"}, True),
    ("another machine with a wrong token", "10.0.0.7", {"Authorization": "Bearer a-long-token"}, False),
    ("another machine with an empty token", "10.0.0.7", {"Authorization": "Bearer "}, False),
    ("another machine with a Chinese token", "10.0.0.7", {"Authorization": "Bearer 口令"}, False),
    ("through a proxy on this machine", "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, False),
    ("claiming to be this machine", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
    ("through a proxy that says so elsewhere", "127.0.0.1", {"Forwarded": "for=203.0.113.9"}, False),
    (
        "through a proxy with the token",
        "127.0.0.1",
        {"X-Real-IP": "1.2.3.4", "Authorization": "Bearer a-long-token-of-tests"},
        True,
    ),
]


@pytest.mark.parametrize(("address", "headers", "allowed"), [a[1:] for a in ALLOWED], ids=[a[0] for a in ALLOWED])
async def test_metrics_are_for_this_machine_or_the_token(
    tmp_path: Path, clock: FakeClock, address: str, headers: dict[str, str], allowed: bool
) -> None:
    sent = {name: value.encode() for name, value in headers.items()}
    async with a_client(a_program(tmp_path, clock, environ=TOKEN), address) as client:
        assert (await client.get("/metrics", headers=sent)).status_code == (200 if allowed else 404)


async def test_without_a_token_set_no_token_opens_the_metrics(tmp_path: Path, clock: FakeClock) -> None:
    async with a_client(a_program(tmp_path, clock), "10.0.0.7") as client:
        for given in ("", "Bearer ", "Bearer None"):
            assert (await client.get("/metrics", headers={"Authorization": given})).status_code == 404
