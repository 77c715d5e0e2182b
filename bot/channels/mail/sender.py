"""Letters as mail, to the one server that the configuration names.

Up to the moment in which the text is handed over, whatever fails has sent nothing and may be tried again. From then on
a broken connection leaves it open whether the server took the mail: that is said, and not guessed.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime
from pathlib import Path

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from bot.clock import SHANGHAI, Clock
from bot.errors import OutcomeUnknown, VendorError
from bot.notice_settings import is_mailbox
from bot.staff.letters import Letter

SECONDS = 90.0
"""For the whole of one mail: less than anybody may take who claimed a notice."""

_STEP_SECONDS = 20.0
_PARTING_SECONDS = 2.0
_REFUSED_FOR_GOOD = 500
WHERE = "smtp"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """The server that takes our mail. security: starttls, tls or none. name: who the mail is from, in words."""

    host: str
    port: int
    security: str
    sender: str
    name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


class MailSender:
    """Sends letters as mail. Every failure is a VendorError; its text is ours, as a server's may name people."""

    def __init__(self, server: MailServer, clock: Clock, *, seconds: float = SECONDS) -> None:
        self._server = server
        self._clock = clock
        self._seconds = seconds

    async def send(self, letter: Letter, *, to: str, key: str, headers: Mapping[str, str] | None = None) -> None:
        """Send the letter once, with these headers of its own.

        Raises VendorError; OutcomeUnknown where the server may have taken it.
        """
        if not is_mailbox(to):
            raise VendorError("bad_address", WHERE, permanent=True)
        mail = render_mail(letter, server=self._server, to=to, key=key, now=self._clock.now(), headers=headers)
        handed_over = taken = False
        try:
            async with asyncio.timeout(self._seconds), self._connected() as client:
                await client.mail(self._server.sender)
                await _recipient(client, to)
                handed_over = True
                await client.data(mail)
                taken = True
        except SMTPResponseException as error:
            # only an answer to the text itself is about this mail; the rest the operator can mend
            raise _refused(error, permanent=handed_over and error.code >= _REFUSED_FOR_GOOD) from None
        except (SMTPException, OSError, TimeoutError) as error:
            if taken:  # what went wrong afterwards, while parting, is nobody's business
                return
            if handed_over:
                raise OutcomeUnknown("no_answer", f"{WHERE} {type(error).__name__}") from None
            raise VendorError("unreachable", f"{WHERE} {type(error).__name__}") from None

    async def check(self) -> None:
        """Connect, encrypt and sign in as for a mail, and send none. Raises VendorError."""
        try:
            async with asyncio.timeout(self._seconds), self._connected() as client:
                await client.ehlo()
        except SMTPResponseException as error:
            raise _refused(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            raise VendorError("unreachable", f"{WHERE} {type(error).__name__}") from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca_file) if server.security != "none" else None
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=server.sender.partition("@")[2],
            timeout=_STEP_SECONDS,
            use_tls=server.security == "tls",
            # never left to the server: one that offers no encryption would else get the password in the open
            start_tls=server.security == "starttls",
            tls_context=context,
        )
        try:
            await client.connect()
            yield client
            with contextlib.suppress(SMTPException, OSError, TimeoutError):  # what was asked has been answered by now
                await client.quit(timeout=_PARTING_SECONDS)
        finally:
            client.close()


def render_mail(  # noqa: PLR0913 - what a mail is made of, all named
    letter: Letter, *, server: MailServer, to: str, key: str, now: datetime, headers: Mapping[str, str] | None = None
) -> bytes:
    """The mail as it goes over the wire. A second one of the same key has the same Message-ID."""
    domain = server.sender.partition("@")[2]
    mail = EmailMessage(policy=SMTP_LINES)
    mail["From"] = Address(server.name, addr_spec=server.sender)
    mail["To"] = to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(now.astimezone(SHANGHAI))
    mail["Message-ID"] = f"<{key}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content("\n\n".join(part for part in ("\n".join(letter.lines), letter.foot) if part), cte="base64")
    return mail.as_bytes()


async def _recipient(client: SMTP, to: str) -> None:
    try:
        await client.rcpt(to)
    except SMTPResponseException as error:
        raise _refused(error, permanent=error.code >= _REFUSED_FOR_GOOD) from None


def _refused(error: SMTPResponseException, *, permanent: bool = False) -> VendorError:
    code = "auth" if isinstance(error, SMTPAuthenticationError) else f"smtp_{error.code}"
    return VendorError(code, WHERE, permanent=permanent)
