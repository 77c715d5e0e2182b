"""Letters to the group of a WeCom robot: one message with a few lines, and the names of those whom it concerns.

The robot's address holds its key: it is a secret and stands in no error and no log. Only the server that the
configuration names is called, and a redirect is a refusal.
"""

import asyncio
import json
import logging
from typing import Any

import httpx

from bot.errors import OutcomeUnknown, VendorError
from bot.fitting import utf8_bytes
from bot.notice_settings import is_webhook
from bot.staff.letters import Letter

# httpx logs each address at INFO, and the key of the robot stands in it.
logging.getLogger("httpx").setLevel(logging.WARNING)

TEXT_BYTES = 2048
"""What WeCom carries in one text."""

SECONDS = 30.0
"""For the whole of one message."""

WHERE = "wecom"
_TIMEOUT = httpx.Timeout(10, connect=5)
_LONGEST_ANSWER = 64 * 1024
_GATEWAYS = frozenset({502, 504})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_MORE = "……"


class GroupRobot:
    """Posts letters to one group. Every failure is a VendorError.

    Nothing that WeCom answers is taken for final, as what can be wrong (a robot that was removed, its key, a limit) is
    for the operator to mend.
    """

    def __init__(self, *, client: httpx.AsyncClient, webhook: str, base: str, seconds: float = SECONDS) -> None:
        if not is_webhook(webhook, base):
            raise VendorError("host", WHERE, permanent=True)
        self._client = client
        self._webhook = webhook
        self._seconds = seconds

    async def send(self, letter: Letter, *, to: str, key: str) -> None:
        """Post the letter once. Raises VendorError; OutcomeUnknown where the robot may have posted it."""
        payload = render_text(letter)
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._post(payload)
        except _NOT_SENT as error:
            # `from None`: the cause's text holds the address, and that holds the key.
            raise VendorError("unreachable", f"{WHERE} {type(error).__name__}") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown("no_answer", f"{WHERE} {type(error).__name__}") from None
        code = answer.get("errcode")
        if code != 0:
            raise VendorError(str(code) if isinstance(code, int) else "bad_answer", WHERE)

    async def _post(self, payload: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"content-type": "application/json; charset=utf-8", "accept-encoding": "identity"}
        async with self._client.stream(
            "POST", self._webhook, content=body, headers=headers, timeout=_TIMEOUT, follow_redirects=False
        ) as response:
            status = response.status_code
            if status in _GATEWAYS:  # somebody on the way gave up waiting
                raise OutcomeUnknown(f"http_{status}", WHERE)
            if status != httpx.codes.OK:
                raise VendorError(f"http_{status}", WHERE)
            said = bytearray()
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > _LONGEST_ANSWER:
                    raise OutcomeUnknown("bad_answer", WHERE)
        try:
            answer = json.loads(said)
        except ValueError:
            raise OutcomeUnknown("bad_answer", WHERE) from None
        if not isinstance(answer, dict):
            raise OutcomeUnknown("bad_answer", WHERE)
        return answer


def render_text(letter: Letter) -> dict[str, Any]:
    """The message as WeCom takes it. Lines that do not fit give way to a mark that there are more."""
    lines = [letter.subject]
    for line in letter.lines:
        if utf8_bytes("\n".join((*lines, line, _MORE))) > TEXT_BYTES:
            lines.append(_MORE)
            break
        lines.append(line)
    text: dict[str, Any] = {"content": "\n".join(lines)}
    if letter.mentions:
        text["mentioned_list"] = list(letter.mentions)
    return {"msgtype": "text", "text": text}
