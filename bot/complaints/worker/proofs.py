"""Proofs of filing: what the worker may download and anybody may check without asking the database.

A proof says that a case of that number was registered at that time, and commits to what was said then: the
commitment is SHA-256 over a random salt and the content. The salt is in the worker's own file only, so nobody can
find out the content by trying; the receipt has no place in it at all. Signed is a fixed text of named lines, with
the federation's Ed25519 key; the id of the key is signed too.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.clock import SHANGHAI
from bot.complaints.cases import Statement
from bot.complaints.statement_json import statement_to_json
from bot.errors import GonghuiError
from bot.keyring import KeyRing

FORMAT = "gonghui-proof-1"
SALT_BYTES = 32
LONGEST = 20_000
"""Nothing longer is looked at."""

_NUMBER = re.compile(r"[A-Z]{0,8}[0-9]{6}-[0-9]{6}")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
_PREFIX = "GHP1."
_COMMITMENT_BYTES = 32
_FIXED_BYTES = _COMMITMENT_BYTES + 64
"""Commitment and signature; the lines follow."""


class ProofFault(StrEnum):
    """Why a proof does not hold."""

    UNREADABLE = "unreadable"  # 不是登记证明，或不完整
    UNKNOWN_KEY = "unknown_key"  # 不是本工会的签名密钥
    SIGNATURE = "signature"  # 内容被改动


class NotAProof(GonghuiError):
    """This is no proof of filing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What is signed, and the signature. Times are written in Shanghai, to the second."""

    federation: str
    number: str
    registered_at: str
    issued_at: str
    commitment: str
    key_id: str
    signature: str = ""

    def signed_text(self) -> bytes:
        """The bytes that the signature is over."""
        lines = [FORMAT, self.key_id, self.number, self.registered_at, self.issued_at, self.commitment, self.federation]
        return "\n".join(lines).encode()

    def code(self) -> str:
        """The proof as one line, for the QR code and for typing in; holds no salt."""
        times = (str(int(datetime.fromisoformat(time).timestamp())) for time in (self.registered_at, self.issued_at))
        lines = "\n".join([self.key_id, self.number, *times, self.federation])
        packed = bytes.fromhex(self.commitment) + _decode(self.signature) + lines.encode()
        return _PREFIX + _encode(packed)


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedProof:
    """A proof with the salt that only the worker gets."""

    proof: Proof
    salt: str = field(repr=False)

    def document(self) -> str:
        """The worker's own file, as JSON text: the proof, the salt, and how to check it."""
        return json.dumps({"format": FORMAT, **asdict(self.proof), "salt": self.salt}, ensure_ascii=False, indent=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedProof:
    """What came of checking. `proof` as far as it could be read: nothing in it is believed unless `fault` is None.

    current: whether the key still signs; proofs signed before a change of keys hold as well.
    """

    proof: Proof | None
    fault: ProofFault | None
    current: bool = False

    @property
    def holds(self) -> bool:
        """Whether the federation signed exactly this."""
        return self.fault is None


def issue_proof(  # noqa: PLR0913 - all of it is signed, and named
    keys: KeyRing, *, federation: str, number: str, registered_at: datetime, content: bytes, now: datetime
) -> IssuedProof:
    """A signed proof about this content (see `proof_content`), with a new salt. Writes nothing."""
    key_id, seed = keys.signing_keys()[0]
    salt = secrets.token_bytes(SALT_BYTES)
    proof = Proof(
        federation=" ".join(federation.split()),
        number=number,
        registered_at=_written(registered_at),
        issued_at=_written(now),
        commitment=_commitment(salt, content),
        key_id=key_id,
    )
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(proof.signed_text())
    return IssuedProof(
        proof=Proof(**{**asdict(proof), "signature": _encode(signature)}),
        salt=_encode(salt),
    )


def proof_content(statement: Statement, files: Sequence[str] = (), *, category: str = "") -> bytes:
    """What a proof commits to, always written the same way: all that was said, and the SHA-256 of each file."""
    return "\n".join([category, " ".join(sorted(files)), statement_to_json(statement)]).encode()


def check_proof(keys: KeyRing, text: str) -> CheckedProof:
    """Check what somebody typed, scanned or uploaded, by the signature alone. Never raises."""
    try:
        proof = read_proof(text)
    except NotAProof:
        return CheckedProof(proof=None, fault=ProofFault.UNREADABLE)
    ours = keys.signing_keys()
    seed = dict(ours).get(proof.key_id)
    if seed is None:
        return CheckedProof(proof=proof, fault=ProofFault.UNKNOWN_KEY)
    try:
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        public.verify(_decode(proof.signature), proof.signed_text())
    except (InvalidSignature, ValueError):
        return CheckedProof(proof=proof, fault=ProofFault.SIGNATURE)
    return CheckedProof(proof=proof, fault=None, current=ours[0][0] == proof.key_id)


def check_content(document: str, content: bytes) -> bool:
    """Whether the worker's own file was made about exactly this content. Raises NotAProof without a salt."""
    proof, salt = read_proof(document), _mapping(document).get("salt")
    if not isinstance(salt, str):
        raise NotAProof("no salt")
    try:
        return hmac.compare_digest(_commitment(_decode(salt), content), proof.commitment)
    except ValueError:
        raise NotAProof("salt") from None


def read_proof(text: str) -> Proof:
    """The proof in a worker's file, in a code, or in an address that ends with one. Raises NotAProof."""
    text = text.strip()
    if len(text) > LONGEST:
        raise NotAProof("too long")
    proof = _from_document(text) if text.startswith("{") else _from_code(text)
    shaped = (
        _NUMBER.fullmatch(proof.number)
        and _KEY_ID.fullmatch(proof.key_id)
        and _COMMITMENT.fullmatch(proof.commitment)
        and _TIME.fullmatch(proof.registered_at)
        and _TIME.fullmatch(proof.issued_at)
        and "\n" not in proof.federation
    )
    if not shaped:
        raise NotAProof("fields")
    return proof


def public_keys(keys: KeyRing) -> tuple[tuple[str, str], ...]:
    """Ids and public keys (hex), to be published so that others can check without us; the first one signs."""
    return tuple(
        (id, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex())
        for id, seed in keys.signing_keys()
    )


def holds_for(proof: Proof, public_key: str) -> bool:
    """Whether a proof holds for a published key (hex): what somebody else's program has to do."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(_decode(proof.signature), proof.signed_text())
    except (InvalidSignature, ValueError):
        return False
    return True


def fault_words(fault: ProofFault) -> str:
    """Key of the sentence that says why a proof does not hold."""
    return f"proofs.fault.{fault}"


def _from_document(text: str) -> Proof:
    fields = _mapping(text)
    if fields.get("format") != FORMAT:
        raise NotAProof("format")
    names = ("federation", "number", "registered_at", "issued_at", "commitment", "key_id", "signature")
    if not all(isinstance(fields.get(name), str) for name in names):
        raise NotAProof("fields")
    return Proof(**{name: fields[name] for name in names})


def _mapping(text: str) -> Mapping[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAProof("json") from None
    if not isinstance(tree, dict):
        raise NotAProof("json")
    return tree


def _from_code(text: str) -> Proof:
    _, prefix, packed = text.partition(_PREFIX)
    try:
        raw = _decode("".join(packed.split()))
        key_id, number, registered_at, issued_at, federation = raw[_FIXED_BYTES:].decode().split("\n")
        times = [_written(datetime.fromtimestamp(int(time), SHANGHAI)) for time in (registered_at, issued_at)]
    except (ValueError, OverflowError, OSError):
        raise NotAProof("code") from None
    if not prefix:
        raise NotAProof("code")
    return Proof(
        federation=federation,
        number=number,
        registered_at=times[0],
        issued_at=times[1],
        commitment=raw[:_COMMITMENT_BYTES].hex(),
        key_id=key_id,
        signature=_encode(raw[_COMMITMENT_BYTES:_FIXED_BYTES]),
    )


def _commitment(salt: bytes, content: bytes) -> str:
    return hashlib.sha256(salt + content).hexdigest()


def _written(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).replace(microsecond=0).isoformat()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encode(raw) != text:
        raise ValueError("not the only way to write it")
    return raw
