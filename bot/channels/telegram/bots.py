"""The library's bot, with updates as they came: one that it cannot read is not lost."""

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from telegram import Bot

# httpx logs each address at INFO, and the bot's secret stands in it.
logging.getLogger("httpx").setLevel(logging.WARNING)
os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's own switch: spans of time come as such

_BESIDE = 10.0
"""Seconds that an answer may take longer than was asked for."""


class ConversingBot(Bot):
    """A bot that asks for updates without reading them, and sends without reading what it has sent."""

    async def say(self, chat: int, text: str, more: Mapping[str, Any]) -> None:
        """Send a message; None among the other parameters leaves one out. Raises TelegramError."""
        await self._post("sendMessage", {"chat_id": chat, "text": text, **more})

    async def raw_updates(self, offset: int, wait: timedelta, allowed: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """What has come from that number on, as JSON objects. Raises TelegramError."""
        seconds = int(wait.total_seconds())
        asked: dict[str, Any] = {"timeout": seconds, "allowed_updates": list(allowed)}
        if offset:
            asked["offset"] = offset
        told = await self._post("getUpdates", asked, read_timeout=seconds + _BESIDE)
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
