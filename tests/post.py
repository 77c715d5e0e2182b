"""Servers that take notices, in this process and over real sockets: one that speaks SMTP, and one that speaks HTTP."""

import asyncio
import email
import json
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
USER, PASSWORD = "notices@union.test", "a-password-of-tests"
CUT = "cut"
"""In place of an answer: the connection breaks."""


@dataclass
class PostOffice:
    """A mail server. What it took is in `taken`; `answers` to the text of mails are used up, first to last."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    connected: int = 0

    async def handle_EHLO(  # noqa: N802 - named by the library
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connected += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - named by the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipients.pop(0) if self.to_recipients else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith(("250", CUT)):
            assert isinstance(envelope.content, bytes)
            mail = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            assert [mail["To"]] == envelope.rcpt_tos
            self.taken.append(mail)
        if answer == CUT:
            assert server.transport is not None
            server.transport.abort()
            return "250 nobody hears"
        return answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode()):
            self.signed_in.append(USER)
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False)


@asynccontextmanager
async def a_post_office(certificate: Path | None = None, *, implicit: bool = False) -> AsyncIterator[PostOffice]:
    """A running mail server. With a certificate it wants TLS and a password; implicit: TLS from the first byte."""
    office = PostOffice()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def make() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library does not see that the way is encrypted from the first byte
            return SMTP(
                office,
                hostname="mail.union.test",
                loop=asyncio.get_running_loop(),
                tls_context=None if implicit else context,
                require_starttls=context is not None and not implicit,
                authenticator=office.authenticate,
                auth_required=context is not None,
                auth_require_tls=not implicit,
            )

    server = await asyncio.get_running_loop().create_server(make, HOST, 0, ssl=context if implicit else None)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()


def a_certificate(folder: Path) -> Path:
    """A certificate for this machine that nobody else has signed, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Call:
    """One call that an HTTP server got."""

    path: str
    query: str
    json: dict[str, Any]


@dataclass
class Platform:
    """WeCom and WeChat as far as we call them. `answers` are used up, first to last: an errcode, a status, or CUT."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    before: Callable[[], Any] | None = None

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sent(self) -> list[Call]:
        """The calls that send something."""
        return [call for call in self.calls if "stable_token" not in call.path]

    def answer(self, call: Call) -> bytes | None:
        """What is said, None when the connection breaks instead."""
        if "stable_token" in call.path:
            return _response(200, {"access_token": f"token-{len(self.calls)}", "expires_in": 7200})
        answer = self.answers.pop(0) if self.answers else 0
        if answer == CUT:
            return None
        if isinstance(answer, str):  # "302 http://elsewhere"
            status, _, where = answer.partition(" ")
            return _response(int(status), {}, f"Location: {where}\r\n" if where else "")
        said = "ok" if answer == 0 else "refused hint: [abc] rid: 65aa-1"
        return _response(200, {"errcode": answer, "errmsg": said, "msgid": len(self.calls)})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.partition(":")[2]) for line in head.splitlines() if line.lower().startswith("content-length")
            )
            path, _, query = head.split(" ", 2)[1].partition("?")
            call = Call(path, query, json.loads(await reader.readexactly(length)))
            self.calls.append(call)
            if self.before is not None:
                self.before()
            answer = self.answer(call)
            if answer is not None:
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def a_platform() -> AsyncIterator[Platform]:
    """A running platform."""
    platform = Platform()
    server = await asyncio.start_server(platform.serve, HOST, 0)
    platform.port = server.sockets[0].getsockname()[1]
    async with server:
        yield platform


def _response(status: int, tree: dict[str, Any], headers: str = "") -> bytes:
    body = json.dumps(tree).encode()
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"{head}Connection: close\r\n\r\n".encode() + body
