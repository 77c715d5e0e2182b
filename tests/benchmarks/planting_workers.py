"""What workers leave behind: every stage of filing and following, on the site and in WeChat, each with its own words.

All of it goes over HTTP to a server, as browsers and WeChat send it.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from bot.complaints.roles import Confidentiality
from tests.benchmarks.needles import Haystack
from tests.benchmarks.running import Answer, Connections, get, post_form, post_multipart
from tests.evidence import a_pdf
from tests.site_desk import a_photo, digits_on, hidden, what_is_typed
from tests.wechat import ACCOUNT, KEY, TOKEN, a_text, seal, sign
from tests.wechat import Answer as WeChatAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, SEE_OTHER = 200, 303
_RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4}")


@dataclass
class Planted:
    """What has come of it: receipts by stage, and how many things must be in the data by now."""

    receipts: dict[str, str] = field(default_factory=dict)
    cases: int = 0
    drafts: int = 0
    files: int = 0


@dataclass
class Site:
    """Workers with browsers."""

    connections: Connections
    hay: Haystack
    planted: Planted
    people: int = 0

    async def plant(self) -> None:
        """Everything that the site takes."""
        await self._abandoned()
        for confidentiality in Confidentiality:
            await self._filed(f"filed, {confidentiality}", str(confidentiality))
        await self._followed()
        await self._elsewhere()

    async def _ask(self, request: bytes, wanted: int = OK) -> Answer:
        answer = await self.connections.ask(request)
        if answer.status != wanted:
            raise SystemExit(f"{request[:60]!r}: {answer.status} instead of {wanted}\n{answer.text[:2000]}")
        return answer

    def _typed(self, stage: str, **changes: str) -> dict[str, str]:
        """A form with a needle in every field that takes words."""
        hay = self.hay
        typed = what_is_typed(
            narrative=f"老板{hay.word(f'{stage}: narrative')}从七月起一分没给",
            wish=f"要{hay.word(f'{stage}: wish')}",
            employer=f"{hay.word(f'{stage}: employer')}建筑公司",
            since="七月份",
            name=hay.name(f"{stage}: name"),
            phone=hay.phone(f"{stage}: phone"),
        )
        return {**typed, "place": hay.word(f"{stage}: place"), "contact": hay.word(f"{stage}: contact"), **changes}

    def _files(self, stage: str) -> list[tuple[str, str, bytes]]:
        """A photo and a paper with needles in their names and in them."""
        inside = self.hay.code(f"{stage}: in the photo")
        author = self.hay.code(f"{stage}: author of the paper")
        self.planted.files += 2
        return [
            ("files", f"{self.hay.word(f'{stage}: name of the photo')}.jpg", a_photo(inside.encode())),
            ("files", f"{self.hay.word(f'{stage}: name of the paper')}.pdf", a_pdf(author=author)),
        ]

    def _from(self) -> str:
        self.people += 1
        return f"203.0.113.{self.people}"

    async def _form(self, address: str, agent: str = "") -> str:
        page = await self._ask(get("/complain", x_forwarded_for=address, user_agent=agent))
        return hidden(page.text, "draft")

    async def _abandoned(self) -> None:
        """Forms that were checked, that were refused, and that had files, and none of them filed."""
        address, hay = self._from(), self.hay
        agent = hay.code("browser: its name for itself")
        draft = await self._form(address, agent)
        typed = self._typed("abandoned form")
        await self._ask(
            post_multipart("/complain", [*typed.items(), ("draft", draft), ("step", "check")], x_forwarded_for=address)
        )
        faulty = self._typed("form with a fault", agree="")
        await self._ask(
            post_multipart(
                "/complain",
                [*faulty.items(), ("draft", draft), ("step", "check")],
                self._files("form with files, abandoned"),
                x_forwarded_for=address,
            )
        )
        refused = [("files", f"{hay.word('file that was refused: name')}.exe", b"MZ" + hay.code("in it").encode())]
        again = self._typed("form with a refused file")
        await self._ask(
            post_multipart(
                "/complain",
                [*again.items(), ("draft", draft), ("step", "check")],
                refused,
                x_forwarded_for=address,
                referer=f"http://127.0.0.1/complain?q={quote(hay.word('address of the page before'))}",
            )
        )

    async def _filed(self, stage: str, confidentiality: str) -> None:
        address = self._from()
        typed = self._typed(stage, confidentiality=confidentiality)
        fields = [*typed.items(), ("draft", await self._form(address))]
        await self._ask(
            post_multipart("/complain", [*fields, ("step", "check")], self._files(stage), x_forwarded_for=address)
        )
        for _ in range(2):  # pressed twice
            request = post_form("/complain", [*fields, ("step", "file")], x_forwarded_for=address)
            filed = await self._ask(request, SEE_OTHER)
        page = await self._ask(get("/complain/receipt", cookie=filed.cookies()))
        self.planted.receipts[stage] = self.hay.known(f"{stage}: receipt", digits_on(page.text))
        self.planted.cases += 1

    async def _followed(self) -> None:
        """Messages, files, corrections, a withdrawal and a wish to have all deleted, after a wrong receipt."""
        hay, address = self.hay, self._from()
        for wrong in (hay.receipt("receipt that opens nothing"), hay.word("no receipt at all")):
            await self._ask(post_form("/track", [("receipt", wrong)], x_forwarded_for=address))
        cookie, page = await self._opened("filed, named", address)
        message = [("of", hidden(page, "of")), ("text", f"我想问{hay.word('message of the worker')}")]
        files = self._files("files sent later")
        await self._ask(post_multipart("/track/say", message, files, cookie=cookie), SEE_OTHER)
        page = (await self._ask(get("/track/correct", cookie=cookie))).text
        anew = {**self._typed("correction"), "of": hidden(page, "of")}
        await self._ask(post_form("/track/correct", anew.items(), cookie=cookie), SEE_OTHER)
        for stage, deed in (("filed, anonymous", "withdraw"), ("filed, confidential", "delete")):
            cookie, page = await self._opened(stage, address)
            await self._ask(post_form(f"/track/{deed}", [("of", hidden(page, "of"))], cookie=cookie), SEE_OTHER)

    async def _opened(self, stage: str, address: str) -> tuple[str, str]:
        request = post_form("/track", [("receipt", self.planted.receipts[stage])], x_forwarded_for=address)
        cookie = (await self._ask(request, SEE_OTHER)).cookies()
        return cookie, (await self._ask(get("/track/case", cookie=cookie))).text

    async def _elsewhere(self) -> None:
        """Questions, searches, and what people put into addresses."""
        hay = self.hay
        page = await self._ask(get("/chat"))
        question = f"我叫{hay.name('question: name')}，{hay.word('question on the site')}不发工资怎么办"
        fields = [("key", hidden(page.text, "key")), ("text", question)]
        asked = post_form("/chat", fields, cookie=page.cookies(), x_forwarded_for=self._from())
        await self.connections.ask(asked)
        await self.connections.ask(get(f"/search?q={quote(hay.word('search'))}"))
        receipt = self.planted.receipts["filed, named"]
        for path in (f"/track/{receipt}", f"/track?receipt={receipt}", f"/{quote(hay.word('address'))}"):
            await self.connections.ask(get(path))
        await self.connections.ask(post_form("/nowhere", [("a", hay.word("form for nobody"))]))
        broken = b"POST /complain HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=x\r\n"
        body = f"--x\r\n{hay.word('broken form')}\r\n".encode()
        await self.connections.ask(broken + f"content-length: {len(body)}\r\n\r\n".encode() + body)


@dataclass
class WeChat:
    """Workers in WeChat."""

    connections: Connections
    hay: Haystack
    planted: Planted
    messages: int = int(datetime.now(UTC).timestamp()) * 1000

    async def plant(self) -> None:
        """Dialogues given up at every step, one that was filed, and what comes after it."""
        steps = self._steps("dialogue, filed")
        for given_up in range(8, len(steps)):
            await self._abandoned(given_up)
        filed = self.hay.code("dialogue, filed: openid")
        for text in steps:
            await self._says(filed, text)
            await self._says(filed, text, again=True)  # WeChat asks again: the prepared reply is given
        await self._picture(filed)
        await self._says(filed, "跳过")
        found = _RECEIPT.search(reply := await self._says(filed, "提交"))
        if not found:
            raise SystemExit(f"no receipt in the chat: {reply}")
        receipt = self.hay.known("dialogue, filed: receipt", found[0].replace(" ", ""))
        self.planted.receipts["wechat"] = receipt
        self.planted.cases += 1
        other = self.hay.code("receipt typed in the chat: openid")
        for text in (self.hay.receipt("wrong receipt in the chat"), receipt, f"补充{self.hay.word('message by chat')}"):
            await self._says(other, text)
        asks = self.hay.code("question in WeChat: openid")
        question, phone = self.hay.word("question in WeChat"), self.hay.phone("in it")
        await self._says(asks, f"{question}拖欠工资三个月怎么办，我电话{phone}")
        await self._picture(other)

    def _steps(self, stage: str) -> tuple[str, ...]:
        """What somebody says until everything has been asked."""
        hay = self.hay
        return (
            "我要投诉",
            "同意",
            "1",
            "9",
            "保密",
            "工资",
            f"{hay.word(f'{stage}: employer')}建筑公司",
            "曹县",
            f"老板{hay.word(f'{stage}: narrative')}三个月没发工资，二十多人",
            "没有了",
            "1",
            "1",
            "一万二",
            f"把{hay.word(f'{stage}: wish')}工资发了",
            f"{hay.name(f'{stage}: name')} {hay.phone(f'{stage}: phone')}",
        )

    async def _abandoned(self, steps: int) -> None:
        stage = f"dialogue given up after {steps} steps"
        person, said = self.hay.code(f"{stage}: openid"), self._steps(stage)
        for text in said[:steps]:
            await self._says(person, text)
        self.planted.drafts += 1

    async def _says(self, person: str, text: str, *, again: bool = False) -> str:
        self.messages += 0 if again else 1
        return await self._push(a_text(text, message_id=self.messages, sender=person), person)

    async def _picture(self, person: str) -> None:
        self.messages += 1
        address = f"http://mmbiz.qpic.cn/{self.hay.code('picture in WeChat: address')}/0"
        await self._push(
            f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{person}</FromUserName>"
            f"<CreateTime>1795312800</CreateTime><MsgType>image</MsgType><PicUrl><![CDATA[{address}]]></PicUrl>"
            f"<MediaId><![CDATA[{self.hay.code('picture in WeChat: id', 64)}]]></MediaId>"
            f"<MsgId>{self.messages}</MsgId></xml>",
            person,
        )

    async def _push(self, document: str, person: str) -> str:
        timestamp, nonce, encrypted = str(int(datetime.now(UTC).timestamp())), str(self.messages), seal(document)
        query: Mapping[str, str] = {
            "signature": sign(TOKEN, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": person,
            "encrypt_type": "aes",
            "msg_signature": sign(TOKEN, timestamp, nonce, encrypted),
        }
        body = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
        head = f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/xml\r\n"
        answer = await self.connections.ask(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        if answer.status != OK:
            raise SystemExit(f"WeChat: {answer.status}")
        return WeChatAnswer(answer.status, answer.text, KEY).text
