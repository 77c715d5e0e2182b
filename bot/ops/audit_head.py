"""The end of the audit log, kept outside the database: in a file of the data folder and in the log.

Whoever can write to the database can cut off the end of the chain; against an end that is known from elsewhere
that shows. A head that the chain no longer holds is never replaced by what is there now, unless the operator
says so, as after a restored backup.
"""

import json
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import structlog

from bot.audit import EMPTY, Head, parse_head
from bot.clock import Clock
from bot.errors import GonghuiError
from bot.ops.jobs import Figures

log = structlog.get_logger(__name__)

FILE = "audit-head.json"


class HeadFileDamaged(GonghuiError):
    """The file with the end of the audit log cannot be read."""


class AuditHeads:
    """Keeps the head of one installation. `read` opens a transaction with `audit`."""

    def __init__(self, *, path: Path, read: Callable[[], AbstractAsyncContextManager[Any]], clock: Clock) -> None:
        self.path = path
        self._read = read
        self._clock = clock

    def known(self) -> Head:
        """The head as last kept; that of the empty log where none was. Raises HeadFileDamaged."""
        return parse_head(str(self._kept()["head"])) if self.path.exists() else EMPTY

    async def keep(self) -> Figures:
        """Keep the head as it is now, unless the chain no longer holds the one that was kept: that is an alarm."""
        known = self.known()
        async with self._read() as work:
            head = await work.audit.head()
            mac = await work.audit.mac_at(known.seq)
        if known != EMPTY and mac != known.mac:
            log.error("audit.broken", known=known.seq, present=head.seq)
            return {"broken": 1}
        if head != known:
            self._write(head)
        return {}

    async def accept(self) -> Head:
        """Keep the head as it is now, whatever was kept before; that stays in the file among those given up."""
        async with self._read() as work:
            head: Head = await work.audit.head()
        known = self.known()
        self._write(head, given_up=[str(known)] if known not in (EMPTY, head) else [])
        return head

    def _write(self, head: Head, given_up: list[str] | None = None) -> None:
        before = list(self._kept().get("given_up", [])) if self.path.exists() else []
        document = {"head": str(head), "at": self._clock.now().isoformat(), "given_up": before + (given_up or [])}
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        log.info("audit.head", seq=head.seq, mac=head.mac)

    def _kept(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            parse_head(document["head"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HeadFileDamaged(f"{self.path} ({type(error).__name__})") from error
        return dict(document)
