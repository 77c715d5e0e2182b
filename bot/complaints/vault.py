"""The key of one record: everything of a case is sealed with it, and it is sealed by the key ring.

Rotating the ring wraps keys anew and touches no content; deleting a wrapped key deletes all that was
sealed with it, in backups too once their time is over.
"""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import CannotOpen
from bot.keyring import KEY_BYTES, NONCE_BYTES, KeyRing

FORMAT = b"\x02"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Seals and opens what belongs to one record, each value bound to its field by `context`."""

    _key: bytes = field(repr=False)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt with AES-256-GCM; the same value sealed twice gives different bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + AESGCM(self._key).encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The plaintext that was sealed for this context. Raises CannotOpen."""
        if sealed[:1] != FORMAT:
            raise CannotOpen("unknown format")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return AESGCM(self._key).decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"context {context.partition(':')[0]}") from error


def new_record_key(ring: KeyRing, context: str) -> tuple[RecordKey, bytes]:
    """A new random key and its wrapped form for storage, bound to `context` (table, field, record)."""
    key = secrets.token_bytes(KEY_BYTES)
    return RecordKey(key), ring.seal(key, context)


def open_record_key(ring: KeyRing, wrapped: bytes, context: str) -> RecordKey:
    """The key that was wrapped for this context. Raises CannotOpen."""
    return RecordKey(ring.open(wrapped, context))


def sealed_context(table: str, field_name: str, record: str) -> str:
    """The name to which a sealed field is bound."""
    return f"{table}.{field_name}:{record}"
