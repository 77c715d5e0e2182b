"""How many questions the WeChat endpoint carries: safe mode, a real server process, distinct questions.

    uv run python -m tests.benchmarks.wechat_load [--quick] [--rate 100] [--seconds 60] [--data FOLDER]

Messages are encrypted before the clock runs and sent at fixed moments, whether or not earlier
ones have been answered; a time is counted from the moment at which the message was due. What
came back empty is asked again after five seconds, twice at most, as WeChat does; what then has
no reply, or one that does not decrypt, is lost. A first start computes the slow encoder's
vectors for some minutes: the full run waits for them, the quick one goes without that encoder
and says so in `slow_encoder`. The last line is one JSON object.
"""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.clock import SystemClock
from tests.benchmarks.load import WARM_UP, Plan, Usage, at_rate, figures, questions, recorded, run_planned
from tests.benchmarks.running import Connections, free_port, percentile, serving, wait_until_ready
from tests.wechat import ACCOUNT, APP_ID, ENVIRON, KEY, TOKEN, Answer, a_text, seal, sign

SENDERS = 500
REPEAT_AFTER_SECONDS = 5.0
TARGETS = {"p99_ms": 1000.0, "lost": 0, "resident_mb": 700.0}


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
    """Sends messages over a pool of connections, and repeats as WeChat does."""

    connections: Connections

    async def ask(self, message: Message, due: float) -> None:
        """Send a message until it has a reply."""
        while True:
            message.tries += 1
            answer = await self.connections.ask(message.request)
            message.status, message.body = answer.status, answer.body
            if message.status != 200 or message.body or message.tries == 3:
                break
            await asyncio.sleep(REPEAT_AFTER_SECONDS)
        message.ms = (time.perf_counter() - due) * 1000


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


async def send_all(port: int, texts: list[str], rate: float) -> tuple[list[Message], float]:
    load, everything = Load(Connections(port)), prepare(texts, port)
    await at_rate(everything[:WARM_UP], rate / 2, load.ask)
    measured = everything[WARM_UP:]
    took = await at_rate(measured, rate, load.ask)
    load.connections.close()
    return measured, took


def measure(plan: Plan) -> dict[str, object]:
    port = free_port()
    wechat = {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, "mode": "safe"}
    configuration = plan.configuration({"wechat": wechat}, ENVIRON)
    data, folder = configuration.settings.data_dir, plan.folder
    with serving(folder, {**ENVIRON, "GONGHUI_CONFIG": str(configuration.path)}, port) as process:
        complete = wait_until_ready(port, process, folder, plan.patience)
        texts, kept, usage = questions(plan.questions), recorded(data, {}), Usage([process])
        plan.announce(complete=complete)
        messages, took = asyncio.run(send_all(port, texts, plan.rate))
        usage.stop()
        kept = recorded(data, {}) - kept
    times = [message.ms for message in messages]
    lost, unrecorded = sum(not is_answered(message) for message in messages), len(texts) - kept
    resident, peak = usage.memory[0]
    return {
        **figures("wechat_load", plan, times, took, usage),
        "lost": lost,
        "asked_again": sum(message.tries > 1 for message in messages),
        "not_recorded": unrecorded,
        "resident_mb": round(resident, 1),
        "peak_mb": round(peak, 1),
        "index_complete": complete,
        "targets": TARGETS,
        "met": percentile(times, 0.99) < TARGETS["p99_ms"]
        and lost == 0
        and unrecorded == 0
        and peak < TARGETS["resident_mb"],
    }


if __name__ == "__main__":
    run_planned(__doc__, 15.0, measure)
