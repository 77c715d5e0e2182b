"""How many questions the Telegram webhook carries: real server processes, distinct questions from distinct people.

    uv run python -m tests.benchmarks.telegram_load [--quick] [--rate 100] [--seconds 60] [--processes 1]
        [--database sqlite|postgres]

Telegram is played by this process: it calls the webhook at fixed moments, whether or not earlier questions have been
answered, and it is the Bot API to which the answers are sent. A time is counted from the moment at which our 200 came
back (the update is in the database then) to the moment at which the answer arrives; `p99_from_due_ms` counts from the
moment at which the call was due. A question without an answer half a minute after the last one is lost. The quick run
goes without the slow encoder. The last line is one JSON object.
"""

import argparse
import asyncio
import itertools
import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from bot.keyring import load_key_ring
from tests.benchmarks.load import WARM_UP, Plan, Usage, at_rate, figures, questions, recorded, run_planned
from tests.benchmarks.running import (
    POSTGRES,
    SQLITE,
    Connections,
    database,
    free_port,
    percentile,
    serving,
    wait_until_ready,
)

TOKEN = "7001:AAtoken-of-benchmarks"
ENVIRON = {"GONGHUI_TELEGRAM_TOKEN": TOKEN}
PATIENCE_SECONDS = 30.0
FIRST_PERSON = 100_000
TARGETS = {"p99_ms": 500.0, "lost": 0}
_ME = {"id": 7001, "is_bot": True, "first_name": "工会", "username": "benchmark_union_bot"}


@dataclass
class Question:
    """One question, and when what happened to it."""

    request: bytes
    status: int = 0
    due: float = 0.0
    accepted: float = 0.0
    answered: float = 0.0


@dataclass
class BotApi:
    """Telegram's side that is called: takes answers, and notes when each arrived."""

    asked: dict[int, Question] = field(default_factory=dict)
    answers: int = 0
    doubled: int = 0
    open: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One kept-alive connection."""
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        task.add_done_callback(self.open.discard)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.lower().split("\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                result = self._answer(head.split(" ", 2)[1].rpartition("/")[2], body)
                said = json.dumps({"ok": True, "result": result}).encode()
                said_head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                writer.write(said_head % len(said) + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def ended(self) -> None:
        """Those who called have gone."""
        if self.open:
            await asyncio.wait(self.open, timeout=5.0)

    def _answer(self, method: str, body: bytes) -> object:
        if method == "getMe":
            return _ME
        if method != "sendMessage":
            return True
        arrived = time.perf_counter()
        chat = int(parse_qs(body.decode())["chat_id"][0])
        question = self.asked.get(chat)
        self.answers += 1
        if question is not None:
            self.doubled += bool(question.answered)
            question.answered = question.answered or arrived
        return {"message_id": self.answers, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "."}


def prepare(texts: list[str], place: str, secret: str, port: int) -> dict[int, Question]:
    """The calls of the webhook, ready to be written to a connection; no two runs have a number in common."""
    first = int(time.time() * 1000) * 10_000
    made = {}
    for number, text in enumerate(texts):
        person = FIRST_PERSON + number
        who = {"id": person, "is_bot": False, "first_name": "张三", "language_code": "zh-hans"}
        chat = {"id": person, "first_name": "张三", "type": "private"}
        message = {"message_id": number + 1, "from": who, "chat": chat, "date": int(time.time()), "text": text}
        body = json.dumps({"update_id": first + number, "message": message}).encode()
        head = (
            f"POST {place} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made[person] = Question(head.encode() + body)
    return made


async def ask_all(servers: list[Connections], asked: list[Question], rate: float) -> float:
    """Call at the moments at which the calls are due, one server after the other; the seconds it took."""
    turns = itertools.cycle(servers)

    async def ask(question: Question, due: float) -> None:
        question.due = due
        answer = await next(turns).ask(question.request)
        question.status, question.accepted = answer.status, time.perf_counter()

    return await at_rate(asked, rate, ask)


async def wait_for_answers(asked: list[Question]) -> None:
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until and not all(question.answered for question in asked):  # noqa: ASYNC110 - looks
        await asyncio.sleep(0.1)


async def measure(plan: Plan, stack: ExitStack) -> dict[str, object]:
    api, ports = BotApi(), [free_port() for _ in range(plan.given.processes)]
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    telegram = {"telegram": {"webhook": True}, "publishing": {"channels": {"telegram": {"api_base": base}}}}
    environ = {**ENVIRON, **stack.enter_context(database(plan.given.database))}
    configuration = plan.configuration(telegram, environ)
    data, folder = configuration.settings.data_dir, plan.folder
    complete, running = True, []
    with ExitStack() as servers:
        for port in ports:
            named = {**environ, "GONGHUI_CONFIG": str(configuration.path)}
            running.append(servers.enter_context(serving(folder, named, port)))
            complete &= await asyncio.to_thread(wait_until_ready, port, running[-1], folder, plan.patience)
        keys = load_key_ring(data / "keys.json")
        place = f"/telegram/{keys.hash('telegram.webhook.place', TOKEN)}"
        texts = questions(plan.questions)
        api.asked = prepare(texts, place, keys.hash("telegram.webhook.secret", TOKEN), ports[0])
        everything, kept = list(api.asked.values()), recorded(data, environ)
        connections = [Connections(port) for port in ports]
        await ask_all(connections, everything[:WARM_UP], plan.rate / 2)
        await wait_for_answers(everything[:WARM_UP])
        measured, usage = everything[WARM_UP:], Usage(running)
        plan.announce(complete=complete)
        took = await ask_all(connections, measured, plan.rate)
        await wait_for_answers(measured)
        usage.stop()
        for links in connections:
            links.close()
        kept = recorded(data, environ) - kept
    server.close()
    await api.ended()
    there = [one for one in measured if one.answered]
    times = [max(0.0, one.answered - one.accepted) * 1000 for one in there] or [PATIENCE_SECONDS * 1000]
    from_due = [(one.answered - one.due) * 1000 for one in there] or [PATIENCE_SECONDS * 1000]
    lost = len(measured) - len(there) + sum(one.status != 200 for one in there)
    return {
        **figures("telegram_load", plan, times, took, usage),
        "p99_from_due_ms": round(percentile(from_due, 0.99), 1),
        "lost": lost,
        "doubled": api.doubled,
        "not_recorded": len(texts) - kept,
        "database": plan.given.database,
        "processes": len(ports),
        "resident_mb": [round(now, 1) for now, _ in usage.memory],
        "peak_mb": [round(peak, 1) for _, peak in usage.memory],
        "index_complete": complete,
        "targets": TARGETS,
        "met": percentile(times, 0.99) < TARGETS["p99_ms"] and lost == 0 and len(texts) == kept,
    }


def run(plan: Plan) -> dict[str, object]:
    with ExitStack() as stack:
        return asyncio.run(measure(plan, stack))


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, default=1, help="of the service, on one database")
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE, help="which to measure")


if __name__ == "__main__":
    run_planned(__doc__, 10.0, run, add_options)
