"""How many questions the Telegram webhook carries: real server processes, distinct questions from distinct people.

    uv run python -m tests.benchmarks.telegram_load [--quick] [--rate 100] [--seconds 60] [--processes 1]

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
import resource
import shutil
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from bot.keyring import load_key_ring
from tests.benchmarks.running import (
    Connections,
    cpu_seconds,
    free_port,
    memory_mb,
    percentile,
    serving,
    wait_until_ready,
)
from tests.benchmarks.wechat_load import questions, recorded
from tests.builders import a_configuration

TOKEN = "7001:AAtoken-of-benchmarks"
ENVIRON = {"GONGHUI_TELEGRAM_TOKEN": TOKEN}
WARM_UP = 200
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

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One kept-alive connection."""
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

    async def ask(question: Question) -> None:
        answer = await next(turns).ask(question.request)
        question.status, question.accepted = answer.status, time.perf_counter()

    began = time.perf_counter()
    jobs = []
    for number, question in enumerate(asked):
        question.due = began + number / rate
        if (wait := question.due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        jobs.append(asyncio.create_task(ask(question)))
    await asyncio.gather(*jobs)
    return time.perf_counter() - began


async def wait_for_answers(asked: list[Question]) -> None:
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until and not all(question.answered for question in asked):  # noqa: ASYNC110 - looks
        await asyncio.sleep(0.1)


async def measure(  # noqa: PLR0913 - what a run is made of
    folder: Path, rate: float, seconds: float, patience: float, *, processes: int, slow: bool
) -> dict[str, object]:
    api, ports = BotApi(), [free_port() for _ in range(processes)]
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    changes: dict[str, object] = {
        "web": {"base_url": "https://ask.example.org"},
        "telegram": {"webhook": True},
        "publishing": {"channels": {"telegram": {"api_base": base}}},
        "logging": {"level": "warning"},
        "answers": {"slow_encoder": slow},
    }
    configuration = a_configuration(folder, changes, ENVIRON)
    data = configuration.settings.data_dir
    complete, running = True, []
    with ExitStack() as stack:
        for port in ports:
            environ = {**ENVIRON, "GONGHUI_CONFIG": str(configuration.path)}
            running.append(stack.enter_context(serving(folder, environ, port)))
            complete &= await asyncio.to_thread(wait_until_ready, port, running[-1], folder, patience)
        keys = load_key_ring(data / "keys.json")
        place = f"/telegram/{keys.hash('telegram.webhook.place', TOKEN)}"
        texts = questions(int(rate * seconds) + WARM_UP)
        api.asked = prepare(texts, place, keys.hash("telegram.webhook.secret", TOKEN), ports[0])
        everything, kept = list(api.asked.values()), recorded(data)
        connections = [Connections(port) for port in ports]
        await ask_all(connections, everything[:WARM_UP], rate / 2)
        await wait_for_answers(everything[:WARM_UP])
        server_cpu = sum(cpu_seconds(process.pid) for process in running)
        own_cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        print(f"index complete: {complete}; {len(texts) - WARM_UP} questions at {rate:g} a second", flush=True)
        measured = everything[WARM_UP:]
        took = await ask_all(connections, measured, rate)
        await wait_for_answers(measured)
        server_cpu = sum(cpu_seconds(process.pid) for process in running) - server_cpu
        own_cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime - own_cpu
        memory = [memory_mb(process.pid) for process in running]
        for links in connections:
            links.close()
        kept = recorded(data) - kept
    server.close()
    there = [one for one in measured if one.answered]
    times = [max(0.0, one.answered - one.accepted) * 1000 for one in there] or [PATIENCE_SECONDS * 1000]
    from_due = [(one.answered - one.due) * 1000 for one in there] or [PATIENCE_SECONDS * 1000]
    lost = len(measured) - len(there) + sum(one.status != 200 for one in there)
    result: dict[str, object] = {
        "benchmark": "telegram_load",
        "rate": rate,
        "messages": len(measured),
        "seconds": round(took, 1),
        "p50_ms": round(percentile(times, 0.50), 1),
        "p99_ms": round(percentile(times, 0.99), 1),
        "p99_from_due_ms": round(percentile(from_due, 0.99), 1),
        "max_ms": round(max(times), 1),
        "lost": lost,
        "doubled": api.doubled,
        "not_recorded": len(texts) - kept,
        "processes": processes,
        "resident_mb": [round(now, 1) for now, _ in memory],
        "peak_mb": [round(peak, 1) for _, peak in memory],
        "index_complete": complete,
        "slow_encoder": slow,
        "server_cpu_seconds": round(server_cpu, 1),
        "generator_cpu_seconds": round(own_cpu, 1),
        "targets": TARGETS,
    }
    result["met"] = percentile(times, 0.99) < TARGETS["p99_ms"] and lost == 0 and len(texts) == kept
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ten seconds of questions, no slow encoder")
    parser.add_argument("--rate", type=float, default=100.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=None, help="how long to ask (60, quick: 10)")
    parser.add_argument("--processes", type=int, default=1, help="of the service, on one database")
    parser.add_argument("--fast-only", action="store_true", help="without the slow encoder")
    parser.add_argument("--data", type=Path, default=None, help="folder to keep, so that the index is built once")
    given = parser.parse_args()
    seconds = given.seconds or (10.0 if given.quick else 60.0)
    patience = 45.0 if given.quick else 900.0
    folder = given.data or Path(tempfile.mkdtemp(prefix="gonghui-load-"))
    folder.mkdir(parents=True, exist_ok=True)
    slow = not (given.fast_only or given.quick)
    try:
        made = measure(folder, given.rate, seconds, patience, processes=given.processes, slow=slow)
        print(json.dumps(asyncio.run(made), ensure_ascii=False))
    finally:
        if given.data is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
