"""The other side of the callback: WeChat's server as far as it calls us, written from its documentation.

Uses none of the program's own cryptography, so that both cannot be wrong in the same way.
"""

import base64
import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from xml.etree.ElementTree import fromstring

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.clock import Clock
from bot.settings import Configuration
from tests.builders import ROOT, a_configuration

TOKEN = "a-token-of-tests"
APP_ID = "wx0123456789abcdef"
ACCOUNT = "gh_7f083739789a"
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
OLD_KEY = "QPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba"
ENVIRON = {
    "GONGHUI_WECHAT_TOKEN": TOKEN,
    "GONGHUI_WECHAT_AES_KEY": KEY,
    "GONGHUI_WECHAT_AES_KEY_PREVIOUS": OLD_KEY,
}
PAYLOADS = Path(__file__).parent / "payloads" / "wechat"

TOPICS = ("wage.arrears", "contract.double-wage", "termination.severance", "injury.recognition", "dispute.routes")
BASE_URL = "https://ask.example.org"

_ids = count(70_000_000_000)


def a_wechat_configuration(folder: Path, environ: Mapping[str, str] = ENVIRON, **section: object) -> Configuration:
    """The shipped configuration with the WeChat channel and a few of the shipped entries, quick to start."""
    content = folder / "content"
    if not content.exists():
        shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("faq"))
        for topic in TOPICS:
            file = Path("faq", *topic.split(".")).with_suffix(".md")
            (content / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "content" / file, content / file)
    changes = {
        "content_dir": str(content),
        "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, **section},
        "web": {"base_url": BASE_URL},
        "answers": {"slow_encoder": False},
    }
    return a_configuration(folder, changes, environ)


def a_payload(name: str) -> str:
    """One recorded payload."""
    return (PAYLOADS / f"{name}.xml").read_text(encoding="utf-8")


def a_text(content: str, *, message_id: int | None = None, sender: str = "oWorker1", to: str = ACCOUNT) -> str:
    """A text message; without an id it is a new one."""
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>1795312800</CreateTime><MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>{message_id or next(_ids)}</MsgId></xml>"
    )


def an_event(event: str, key: str = "", *, sender: str = "oWorker1", created: int | None = None) -> str:
    """An event; without a moment it happens in a second of its own."""
    return (
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{created or 1795312800 + next(_ids) % 1000}</CreateTime><MsgType>event</MsgType>"
        f"<Event>{event}</Event><EventKey><![CDATA[{key}]]></EventKey></xml>"
    )


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def seal(text: str, key: str = KEY, app_id: str = APP_ID) -> str:
    raw = base64.b64decode(key + "=")
    body = text.encode()
    plain = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + app_id.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(encrypted: str, key: str = KEY) -> tuple[str, str]:
    """The document and the AppID inside a ciphertext."""
    raw = base64.b64decode(key + "=")
    decryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    plain = plain[16 : -plain[-1]]
    end = 4 + int.from_bytes(plain[:4], "big")
    return plain[4:end].decode(), plain[end:].decode()


@dataclass
class Answer:
    """What the server answered."""

    status: int
    body: str
    key: str = KEY

    @property
    def document(self) -> str:
        """The reply's XML; an encrypted one is checked and opened."""
        envelope = fromstring(self.body)
        encrypted = envelope.findtext("Encrypt")
        if not encrypted:
            return self.body
        parts = (TOKEN, envelope.findtext("TimeStamp") or "", envelope.findtext("Nonce") or "", encrypted)
        assert envelope.findtext("MsgSignature") == sign(*parts)
        document, app_id = unseal(encrypted, self.key)
        assert app_id == APP_ID
        return document

    @property
    def text(self) -> str:
        """The text that the person sees; empty when nothing is said."""
        if self.body in ("", "success"):
            return ""
        document = fromstring(self.document)
        assert document.findtext("MsgType") == "text"
        return document.findtext("Content") or ""


@dataclass
class WeChatServer:
    """Calls the callback as WeChat does. `clock` says what time it is there."""

    client: httpx.AsyncClient
    clock: Clock
    key: str = KEY
    app_id: str = APP_ID
    token: str = TOKEN
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/xml"})

    def query(self, *, late: float = 0) -> dict[str, str]:
        timestamp, nonce = str(int(self.clock.now().timestamp() - late)), str(secrets.randbelow(10**9))
        return {"signature": sign(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}

    async def verify(self, echo: str = "5935258128547730623", **changes: str) -> Answer:
        response = await self.client.get("/wechat", params=self.query() | {"echostr": echo} | changes)
        return Answer(response.status_code, response.text)

    async def push_plain(self, document: str, *, late: float = 0, **changes: str) -> Answer:
        query = self.query(late=late) | {"openid": "oWorker1"} | changes
        return await self._post(document, query)

    async def push(
        self, document: str, *, late: float = 0, tamper: bool = False, also_plain: str = "", **changes: str
    ) -> Answer:
        """A message in safe mode; with `also_plain`, in compatible mode."""
        query = self.query(late=late) | {"openid": "oWorker1", "encrypt_type": "aes"}
        encrypted = seal(document, self.key, self.app_id)
        query["msg_signature"] = sign(self.token, query["timestamp"], query["nonce"], encrypted)
        if tamper:
            encrypted = encrypted[:-8] + ("A" if encrypted[-8] != "A" else "B") + encrypted[-7:]
        body = f"<xml><ToUserName>{ACCOUNT}</ToUserName>{also_plain}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return await self._post(body, query | changes)

    async def _post(self, body: str, query: dict[str, str]) -> Answer:
        response = await self.client.post("/wechat", params=query, content=body.encode(), headers=self.headers)
        return Answer(response.status_code, response.text, self.key)
