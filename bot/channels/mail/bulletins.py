"""Bulletins and letters to subscribers by mail. Every bulletin can be stopped with one click (RFC 8058)."""

from datetime import timedelta

from bot.channels.mail.sender import MailSender
from bot.errors import OutcomeUnknown, VendorError
from bot.staff.letters import Letter
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import SENT, Bulletin, Ended, Ending
from bot.subscriptions.subscribers import EMAIL

PER_SECOND = 2.0
"""Most servers of an organisation take no more than some thousands an hour."""

_REST_OFFLINE, _REST_ONE = timedelta(minutes=5), timedelta(minutes=15)
_NOBODY = frozenset({"smtp_550", "smtp_551", "smtp_553", "bad_address"})
_THE_SERVERS = frozenset({"unreachable", "auth", "smtp_421"})


class MailBulletins:
    """Sends mail to subscribers."""

    channel = EMAIL
    granted = False

    def __init__(self, sender: MailSender, rate: Rate | None = None) -> None:
        self._sender = sender
        self.rate = rate or Rate(PER_SECOND, timedelta(seconds=1))

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        """Send it once."""
        return await self._sent(Letter(bulletin.subject, render_lines(bulletin)), address, key, headers_of(bulletin))

    async def letter(self, address: str, subject: str, text: str, *, key: str) -> Ending:
        """Send a letter once."""
        return await self._sent(Letter(subject, tuple(text.split("\n"))), address, key, {})

    async def _sent(self, letter: Letter, address: str, key: str, headers: dict[str, str]) -> Ending:
        try:
            await self._sender.send(letter, to=address, key=key, headers=headers)
        except OutcomeUnknown as error:
            return Ending(Ended.UNKNOWN, error.code)
        except VendorError as error:
            return _ending(error)
        return SENT


def headers_of(bulletin: Bulletin) -> dict[str, str]:
    """What lets a mail program stop it with one click."""
    if not bulletin.stop_page:
        return {}
    return {
        "List-Unsubscribe": f"<{bulletin.stop_page}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }


def render_lines(bulletin: Bulletin) -> tuple[str, ...]:
    """The text of the mail, line by line."""
    lines = [bulletin.head, ""]
    for item in bulletin.items:
        lines += [part for part in (item.title, item.digest, item.page) if part]
        lines.append("")
    return (*lines, bulletin.foot, bulletin.manage) if bulletin.manage else (*lines, bulletin.foot)


def _ending(error: VendorError) -> Ending:
    if error.permanent:
        return Ending(Ended.GONE if error.code in _NOBODY else Ended.REFUSED, error.code)
    if error.code in _THE_SERVERS or error.code.startswith("smtp_5"):  # not about this one mailbox
        return Ending(Ended.PUT_OFF, error.code, _REST_OFFLINE, halts=True)
    return Ending(Ended.PUT_OFF, error.code, _REST_ONE)
