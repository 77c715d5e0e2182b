"""How many questions the WeChat endpoint carries: safe mode, a real server process, distinct questions.

    uv run python -m tests.benchmarks.wechat_load [--quick] [--rate 100] [--seconds 60] [--data FOLDER]

Messages are encrypted before the clock runs and sent at fixed moments, whether or not earlier
ones have been answered; a time is counted from the moment at which the message was due. What
came back empty is asked again after five seconds, twice at most, as WeChat does; what then has
no reply, or one that does not decrypt, is lost. A first start computes the slow encoder's
vectors for some minutes: the full run waits for them, the quick one goes without that encoder
and says so in `slow_encoder`. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import random
import resource
import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bot.clock import SystemClock
from tests.benchmarks.running import (
    Connections,
    cpu_seconds,
    free_port,
    memory_mb,
    percentile,
    serving,
    wait_until_ready,
)
from tests.builders import a_configuration
from tests.wechat import ACCOUNT, APP_ID, ENVIRON, KEY, TOKEN, Answer, a_text, seal, sign

WARM_UP = 200
SENDERS = 500
REPEAT_AFTER_SECONDS = 5.0
TARGETS = {"p99_ms": 1000.0, "lost": 0, "resident_mb": 700.0}

JOBS = (
    "饭店服务员",
    "工地钢筋工",
    "保安",
    "快递员",
    "车间操作工",
    "超市收银员",
    "货车司机",
    "保洁员",
    "家政阿姨",
    "电焊工",
    "外卖骑手",
    "幼儿园老师",
    "护士",
    "文员",
    "厨师",
    "装修工",
    "仓库管理员",
    "客服",
    "美容师",
    "纺织女工",
)
SITUATIONS = (
    "老板{n}个月没发工资",
    "干了{n}个月没签合同",
    "加班{n}个小时不给加班费",
    "上班路上被车撞了住院{n}天",
    "怀孕{n}个月被辞退",
    "公司{n}个月没交社保",
    "离职{n}天了不给结工资",
    "试用期{n}个月还不转正",
    "被扣了{n}00块钱",
    "干了{n}年公司要搬到外地",
    "手指被机器压伤休了{n}天",
    "休产假{n}天工资只发一半",
    "连着上了{n}天班不让休息",
    "合同到期{n}天了不续签",
    "押金{n}00块不退",
)
ENDINGS = ("怎么办", "能要补偿吗", "去哪里投诉", "合法吗", "要准备什么证据", "能赔多少", "找谁管", "可以告他吗")


@dataclass
class Message:
    """One message to send, and what became of it."""

    request: bytes
    ms: float = 0.0
    status: int = 0
    body: bytes = b""
    tries: int = 0


@dataclass
class Load:
    """Sends messages at their moments over a pool of connections."""

    connections: Connections

    async def run(self, messages: list[Message], rate: float) -> float:
        """Send them all; the seconds it took."""
        began = time.perf_counter()
        jobs = []
        for number, message in enumerate(messages):
            due = began + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            jobs.append(asyncio.create_task(self.ask(message, due)))
        await asyncio.gather(*jobs)
        return time.perf_counter() - began

    async def ask(self, message: Message, due: float) -> None:
        while True:
            message.tries += 1
            answer = await self.connections.ask(message.request)
            message.status, message.body = answer.status, answer.body
            if message.status != 200 or message.body or message.tries == 3:
                break
            await asyncio.sleep(REPEAT_AFTER_SECONDS)
        message.ms = (time.perf_counter() - due) * 1000


def questions(count: int) -> list[str]:
    """So many questions, no two alike."""
    chance = random.Random(20261122)
    found: dict[str, None] = {}
    while len(found) < count:
        situation = chance.choice(SITUATIONS).format(n=chance.randint(1, 30))
        found[f"我是{chance.choice(JOBS)}，{situation}，{chance.choice(ENDINGS)}？"] = None
    return list(found)


def prepare(texts: list[str], port: int) -> list[Message]:
    """Encrypted, signed requests, ready to be written to a connection; no two runs have an id in common."""
    now = SystemClock().now()
    timestamp, first = str(int(now.timestamp())), int(now.timestamp() * 1000) * 10_000
    return [
        Message(_request(a_text(text, message_id=first + n, sender=f"oWorker{n % SENDERS}"), timestamp, n, port))
        for n, text in enumerate(texts)
    ]


def _request(document: str, timestamp: str, number: int, port: int) -> bytes:
    encrypted, nonce = seal(document), str(number)
    query = urlencode(
        {
            "signature": sign(TOKEN, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": "oWorker",
            "encrypt_type": "aes",
            "msg_signature": sign(TOKEN, timestamp, nonce, encrypted),
        }
    )
    body = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    head = (
        f"POST /wechat?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def is_answered(message: Message) -> bool:
    """Whether the reply decrypts and says something."""
    try:
        return message.status == 200 and bool(Answer(200, message.body.decode(), KEY).text)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not a reply
        return False


def recorded(data: Path) -> int:
    """How many questions the server has kept."""
    database = sqlite3.connect(f"file:{data / 'gonghui.db'}?mode=ro", uri=True)
    try:
        return int(database.execute("SELECT count(*) FROM question").fetchone()[0])
    finally:
        database.close()


async def measure(port: int, texts: list[str], rate: float) -> tuple[list[Message], float]:
    load = Load(Connections(port))
    everything = prepare(texts, port)
    await load.run(everything[:WARM_UP], rate / 2)
    measured = everything[WARM_UP:]
    took = await load.run(measured, rate)
    load.connections.close()
    return measured, took


def run(folder: Path, rate: float, seconds: float, patience: float, *, slow: bool) -> dict[str, object]:
    port = free_port()
    changes: dict[str, object] = {
        "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, "mode": "safe"},
        "web": {"base_url": "https://ask.example.org"},
        "logging": {"level": "warning"},
        "answers": {"slow_encoder": slow},
    }
    configuration = a_configuration(folder, changes, ENVIRON)
    data = configuration.settings.data_dir
    with serving(folder, {**ENVIRON, "GONGHUI_CONFIG": str(configuration.path)}, port) as process:
        complete = wait_until_ready(port, process, folder, patience)
        kept = recorded(data)
        server_cpu, own_cpu = cpu_seconds(process.pid), resource.getrusage(resource.RUSAGE_SELF).ru_utime
        texts = questions(int(rate * seconds) + WARM_UP)
        print(f"index complete: {complete}; {len(texts) - WARM_UP} questions at {rate:g} a second", flush=True)
        messages, took = asyncio.run(measure(port, texts, rate))
        server_cpu = cpu_seconds(process.pid) - server_cpu
        own_cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime - own_cpu
        now, peak = memory_mb(process.pid)
        kept = recorded(data) - kept
    times = [message.ms for message in messages]
    lost = sum(not is_answered(message) for message in messages)
    unrecorded = len(texts) - kept
    result: dict[str, object] = {
        "benchmark": "wechat_load",
        "rate": rate,
        "messages": len(messages),
        "seconds": round(took, 1),
        "p50_ms": round(percentile(times, 0.50), 1),
        "p90_ms": round(percentile(times, 0.90), 1),
        "p99_ms": round(percentile(times, 0.99), 1),
        "max_ms": round(max(times), 1),
        "lost": lost,
        "asked_again": sum(message.tries > 1 for message in messages),
        "not_recorded": unrecorded,
        "resident_mb": round(now, 1),
        "peak_mb": round(peak, 1),
        "index_complete": complete,
        "slow_encoder": slow,
        "server_cpu_seconds": round(server_cpu, 1),
        "generator_cpu_seconds": round(own_cpu, 1),
        "targets": TARGETS,
    }
    result["met"] = (
        percentile(times, 0.99) < TARGETS["p99_ms"] and lost == 0 and unrecorded == 0 and peak < TARGETS["resident_mb"]
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under two minutes: fewer questions, no slow encoder")
    parser.add_argument("--rate", type=float, default=100.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=None, help="how long to ask (60, quick: 15)")
    parser.add_argument("--fast-only", action="store_true", help="without the slow encoder")
    parser.add_argument("--data", type=Path, default=None, help="folder to keep, so that the index is built once")
    given = parser.parse_args()
    seconds = given.seconds or (15.0 if given.quick else 60.0)
    patience = 45.0 if given.quick else 900.0
    folder = given.data or Path(tempfile.mkdtemp(prefix="gonghui-load-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print(
            json.dumps(
                run(folder, given.rate, seconds, patience, slow=not (given.fast_only or given.quick)),
                ensure_ascii=False,
            )
        )
    finally:
        if given.data is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
