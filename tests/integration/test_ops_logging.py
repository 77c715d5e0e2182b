"""The log: events with fields, and nothing of what people say, whatever goes wrong."""

import asyncio
import gc
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.routing import Route

from bot.app import Program
from bot.inbox import Inbox, Turn
from bot.messages import Kind, Reply
from bot.ops.jobs import Job, run_job
from bot.web import make_web
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import Log, a_program, logged
from tests.wechat import ENVIRON, KEY, TOKEN, a_text, seal, sign

SAID = "我叫宋江，老板不发工资，电话13812345678，身份证372901199001011234"
TRACES = ("宋江", "不发工资", "13812345678", "3812345", "372901199001011234", "9001011234")


@pytest.fixture
def log() -> Iterator[Log]:
    with logged("debug") as log:
        yield log


def assert_clean(log: Log) -> None:
    assert log.text, "nothing was logged, so nothing was tested"
    assert [trace for trace in TRACES if trace in log.text] == []


class Saying:
    """A handler that does with what was said what a test wants."""

    def __init__(self, act: Callable[[Turn], Reply | None]) -> None:
        self._act = act

    def matches(self, turn: Turn) -> bool:
        return True

    async def handle(self, turn: Turn, services: Any) -> Reply | None:
        return self._act(turn)


def failing(turn: Turn) -> Reply:
    raise ValueError(turn.message.text)


def failing_because(turn: Turn) -> Reply:
    try:
        failing(turn)
    except ValueError as error:
        raise KeyError(turn.message.text) from error
    raise AssertionError


def writing_twice(turn: Turn) -> Reply:
    """An IntegrityError, whose text holds the statement and its values."""
    for _ in range(2):
        turn.then(
            lambda work: work.questions.record(
                id="q",
                asked_at=turn.now,
                channel=turn.message.text,
                person=turn.message.text,
                text=turn.message.text,
                outcome="",
                reason=turn.message.text,
                topics=[turn.message.text],
                scores=[],
                base="",
            )
        )
    return Reply(text=turn.message.text)


def writing_nonsense(turn: Turn) -> Reply:
    turn.then(lambda work: work.inbound.delete_before(turn.message.text))
    return Reply(text=turn.message.text)


def remembering_nonsense(turn: Turn) -> Reply:
    turn.memory["said"] = turn
    return Reply(text=turn.message.text)


def replying_nonsense(turn: Turn) -> Reply:
    return replace(Reply(text=turn.message.text), links=(turn,))  # type: ignore[arg-type]


FAILING = [failing, failing_because, writing_twice, writing_nonsense, remembering_nonsense, replying_nonsense]


@pytest.mark.parametrize("act", FAILING, ids=lambda act: act.__name__)
async def test_a_message_that_makes_a_handler_fail_leaves_no_word_in_the_log(
    tmp_path: Path, clock: FakeClock, log: Log, act: Callable[[Turn], Reply | None]
) -> None:
    async with a_program(tmp_path, clock).running() as program:
        apology = Reply(text="抱歉")
        inbox = Inbox(
            store=program.store,
            keys=program.keys,
            clock=clock,
            handlers=[Saying(act)],
            services=None,
            apology=apology,
            metrics=program.metrics,
        )
        assert await inbox.receive(a_message(SAID, sender=SAID, key=SAID)) == apology
    failures = log.events("handler.failed") + log.events("inbound.failed")
    assert len(failures) == 1
    assert any("bot/inbox.py" in frame for frame in failures[0]["frames"])
    assert_clean(log)


class Unmatched:
    def matches(self, turn: Turn) -> bool:
        raise RuntimeError(turn.message.text)

    async def handle(self, turn: Turn, services: Any) -> Reply | None:
        raise AssertionError


async def test_a_handler_that_fails_while_choosing_leaves_no_word_either(
    tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    async with a_program(tmp_path, clock).running() as program:
        program.inbox._handlers = (Unmatched(),)
        assert await program.inbox.receive(a_message(SAID)) is not None
    assert log.events("inbound.failed")[0]["error"] == "RuntimeError"
    assert_clean(log)


class FailingRanker:
    revision = "failing"

    def rank_many(self, questions: object, allowed: object) -> Any:
        raise ValueError(str(questions))


async def test_an_answering_side_that_fails_leaves_no_word(tmp_path: Path, clock: FakeClock, log: Log) -> None:
    async with a_program(tmp_path, clock).running() as program:
        program.answers.use(program.answers.base, FailingRanker())
        assert await program.inbox.receive(a_message(SAID)) is not None
    assert log.events("handler.failed")[0]["error"] == "ValueError"
    assert_clean(log)


async def test_a_database_that_breaks_leaves_no_word(tmp_path: Path, clock: FakeClock, log: Log) -> None:
    async with a_program(tmp_path, clock).running() as program:
        async with program.store.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE inbound")
        assert await program.inbox.receive(a_message(SAID, sender=SAID)) is not None
    assert_clean(log)


@pytest.mark.parametrize("kind", list(Kind))
async def test_no_kind_of_message_leaves_a_word_when_all_goes_well(
    tmp_path: Path, clock: FakeClock, log: Log, kind: Kind
) -> None:
    async with a_program(tmp_path, clock).running() as program:
        message = a_message(SAID, kind=kind, sender=SAID, key=SAID, action=SAID, data={"said": SAID})
        for _ in range(2):  # the second one is a repeat
            await program.inbox.receive(message)
    assert log.events("inbound.handled")
    assert log.events("inbound.repeated")
    assert_clean(log)


async def test_a_failing_job_leaves_no_word(tmp_path: Path, clock: FakeClock, log: Log) -> None:
    async def work() -> dict[str, int]:
        raise ValueError(SAID)

    program = a_program(tmp_path, clock)
    assert not await run_job(Job("some_job", clock.now() - clock.now(), work), program.metrics)
    assert log.events("job.failed")[0]["during"] == "some_job"
    assert_clean(log)
    await program.store.close()


async def requests(program: Program, *made: tuple[str, str, dict[str, Any]]) -> list[int]:
    async def fail(request: Request) -> None:
        raise ValueError(SAID + (await request.body()).decode())

    web = make_web(program)
    web.router.routes.append(Route("/fail/{what}", fail, methods=["GET", "POST"]))
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with program.running(), httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        return [(await client.request(method, path, **more)).status_code for method, path, more in made]


async def test_requests_of_every_ending_are_logged_without_address_path_query_or_agent(
    tmp_path: Path, clock: FakeClock, log: Log
) -> None:
    headers = {"User-Agent": SAID.encode(), "Referer": SAID.encode(), "X-Forwarded-For": "203.0.113.9"}
    statuses = await requests(
        a_program(tmp_path, clock),
        ("GET", f"/search?q={SAID}", {"headers": headers}),
        ("GET", f"/faq/{SAID}", {"headers": headers}),
        ("GET", f"/{SAID}", {"headers": headers}),
        ("POST", f"/fail/{SAID}?q={SAID}", {"headers": headers, "content": SAID.encode()}),
        ("POST", "/chat", {"headers": headers, "data": {"text": SAID, "key": "k"}}),
    )
    assert statuses[:4] == [200, 404, 404, 500]
    lines = log.events("http.request")
    assert [(line["route"], line["status"]) for line in lines[:4]] == [
        ("/search", 200),
        ("/faq/{topic}", 404),
        ("-", 404),
        ("/fail/{what}", 500),
    ]
    assert set(lines[0]) == {"event", "level", "timestamp", "method", "route", "status", "ms"}
    assert "203.0.113.9" not in log.text
    assert_clean(log)


async def test_what_wechat_sends_and_is_refused_leaves_no_word(tmp_path: Path, clock: FakeClock, log: Log) -> None:
    section = {"enabled": True, "app_id": "wx0123456789abcdef", "mode": "safe"}
    now = str(int(clock.now().timestamp()))
    encrypted = seal(a_text(SAID), KEY, "wx-another-account")
    envelope = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    signed = f"timestamp={now}&nonce=1&signature={sign(TOKEN, now, '1')}"
    message = f"{signed}&encrypt_type=aes&msg_signature={sign(TOKEN, now, '1', encrypted)}"
    statuses = await requests(
        a_program(tmp_path, clock, {"wechat": section}, ENVIRON),
        ("POST", f"/wechat?{signed}", {"content": a_text(SAID).encode()}),
        ("POST", f"/wechat?{signed}&openid={SAID}", {"content": f"<xml>{SAID}".encode()}),
        ("POST", f"/wechat?{message}", {"content": envelope.encode()}),
        ("POST", f"/wechat?{signed}", {"json": {"said": SAID}}),
        ("POST", f"/wechat?nonce={SAID}", {"content": SAID.encode() * 5000}),
    )
    assert all(400 <= status < 500 for status in statuses), statuses
    assert len(log.events("wechat.refused")) == 5
    assert_clean(log)


async def test_what_libraries_log_loses_its_values(log: Log) -> None:
    logging.getLogger("some.library").error("sent %s to %s", SAID, "oOpenId")
    logging.getLogger("some.library").error(f"https://api.weixin.qq.com/cgi-bin?access_token={SAID}")  # noqa: G004
    logging.getLogger("some.library").error("a first line\n" + SAID)  # noqa: G003
    logging.getLogger("some.library").error("called 138 1234 5678 and 13812345678")
    try:
        raise ValueError(SAID)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    first, second, third, fourth, fifth = log.lines
    assert first["event"] == "sent %s to %s"
    assert second["event"] == "https://api.weixin.qq.com/cgi-bin?"
    assert third["event"] == "a first line"
    assert fourth["event"] == "called [number] and [number]"
    assert (fifth["event"], fifth["error"]) == ("Exception in ASGI application", "ValueError")
    assert_clean(log)


async def test_a_task_that_nobody_awaited_leaves_no_word(log: Log) -> None:
    """asyncio's own message shows the exception, which shows what was said."""

    async def fail() -> None:
        raise ValueError(SAID)

    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    assert log.lines[0]["event"] == "Task exception was never retrieved"
    assert_clean(log)


async def test_libraries_stay_silent_below_a_warning_even_at_debug(log: Log) -> None:
    """The database driver logs every statement with its values at debug."""
    logging.getLogger("aiosqlite").debug("executing %s", SAID)
    logging.getLogger("sqlalchemy.engine").info(SAID)
    logging.getLogger("httpx").info(SAID)
    assert log.text == ""


def test_an_event_has_a_utc_time_a_level_and_its_fields(log: Log) -> None:
    structlog.get_logger("bot.somewhere").info("delivery.finished", id="1", outcome="refused")
    (line,) = log.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "delivery.finished", "level": "info", "id": "1", "outcome": "refused"}


def test_a_value_that_json_does_not_know_shows_its_type_only(log: Log) -> None:
    structlog.get_logger("bot.somewhere").info("odd", value=ValueError(SAID))
    assert log.lines[0]["value"] == "<ValueError>"
    assert_clean(log)


def test_the_level_is_kept_for_our_events() -> None:
    with logged("warning") as log:
        structlog.get_logger("bot.somewhere").info("quiet")
        structlog.get_logger("bot.somewhere").warning("loud")
    assert [line["event"] for line in log.lines] == ["loud"]


def test_the_console_form_shows_the_error_without_its_message() -> None:
    with logged("info", "console") as log:
        try:
            raise ValueError(SAID)
        except ValueError:
            structlog.get_logger("bot.somewhere").exception("failed")
    assert "ValueError" in log.text
    assert "test_ops_logging.py:" in log.text
    assert_clean(log)


CRASH = """
import sys, threading, warnings
from bot.ops.logging import configure_logging, log_what_nobody_caught
configure_logging("info", "json")
log_what_nobody_caught()
said = sys.argv[1]

class Unraisable:
    def __del__(self):
        raise ValueError(said)

def thread():
    raise ValueError(said)

Unraisable()
t = threading.Thread(target=thread)
t.start()
t.join()
warnings.warn("an old function is used", DeprecationWarning, stacklevel=1)
raise ValueError(said) from KeyError(said)
"""


def test_a_crash_of_the_whole_process_leaves_no_word() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", CRASH, SAID], capture_output=True, text=True, check=False, timeout=60
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines if "warn" not in line["event"]][:2] == [
        "error.unraisable",
        "thread.crashed",
    ]
    assert lines[-1]["event"] == "program.crashed"
    assert lines[-1]["error"] == "ValueError < KeyError"
    assert done.stdout == ""
    assert [trace for trace in TRACES if trace in done.stderr] == []


def test_every_path_above_really_carried_what_was_said() -> None:
    """Guards the tests themselves: a path that lost the text would prove nothing."""
    with pytest.raises(ValueError, match="13812345678"), warnings.catch_warnings():
        failing(Turn(a_message(SAID), "p", FakeClock().now(), {}))
