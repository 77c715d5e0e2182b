"""Keys: sealing values with AES-256-GCM and naming people by keyed hash.

A key ring is a JSON document `{"keys": [{"id", "key"}...], "pepper", "index_keys", "signing_keys"}` with
base64 keys of 32 bytes; the first key seals, all of them open. It comes from the environment or from a
file with mode 600, never from `config.yaml`. The pepper never rotates: it makes the keyed hashes under
which a person's rows are found, and the keys that an older document does not name are derived from it.
Index keys are numbered: the newest makes blind indexes, all of them find.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import CannotOpen, KeyRingError

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4
FORMAT = b"\x01"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Seals and opens values; the first key is the one that seals."""

    keys: tuple[tuple[bytes, bytes], ...]
    pepper: bytes
    index_keys: tuple[tuple[int, bytes], ...] = ()
    signing_seeds: tuple[tuple[str, bytes], ...] = ()

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt for storage, bound to `context` (table, field and record).

        The same value sealed twice gives different bytes. Opening with another context fails,
        so a ciphertext moved to another record or field is noticed.
        """
        key_id, key = self.keys[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, plaintext, context.encode())
        return FORMAT + key_id + nonce + sealed

    def open(self, sealed: bytes, context: str) -> bytes:
        """The plaintext that was sealed for this context. Raises CannotOpen."""
        if sealed[:1] != FORMAT:
            raise CannotOpen("unknown format")
        key_id = sealed[1 : 1 + ID_BYTES]
        nonce = sealed[1 + ID_BYTES : 1 + ID_BYTES + NONCE_BYTES]
        key = dict(self.keys).get(key_id)
        if key is None:
            raise CannotOpen(f"key {key_id.hex()} is not on the ring")
        try:
            return AESGCM(key).decrypt(nonce, sealed[1 + ID_BYTES + NONCE_BYTES :], context.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"key {key_id.hex()}, context {context.partition(':')[0]}") from error

    def hash(self, purpose: str, value: str) -> str:
        """A keyed hash (32 hex digits): equal for equal input, useless without the pepper."""
        mac = hmac.new(self.pepper, f"{purpose}\0{value}".encode(), hashlib.sha256)
        return mac.hexdigest()[:32]

    def index(self, kind: str, value: str) -> str:
        """The blind index of a value by the newest index key: `version:64 hex digits`."""
        version, key = self._index_keys()[0]
        return _indexed(version, key, kind, value)

    def index_all(self, kind: str, value: str) -> tuple[str, ...]:
        """The blind indexes of a value by every index key on the ring, the newest first: for finding."""
        return tuple(_indexed(version, key, kind, value) for version, key in self._index_keys())

    @property
    def index_version(self) -> int:
        """The number of the newest index key."""
        return self._index_keys()[0][0]

    def audit_key(self) -> bytes:
        """The key of the audit chain. It never rotates, as the chain would have to be written anew."""
        return self._derived("audit")

    def signing_keys(self) -> tuple[tuple[str, bytes], ...]:
        """Ids and Ed25519 seeds for proofs of filing; the first one signs, all of them are known to be ours."""
        return self.signing_seeds or (("1", self._derived("signing-1")),)

    def _index_keys(self) -> tuple[tuple[int, bytes], ...]:
        return self.index_keys or ((1, self._derived("index-1")),)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"gonghui {purpose}".encode()).derive(self.pepper)

    def person(self, channel: str, sender: str) -> str:
        """The name under which a person's rows are stored and appear in logs."""
        return self.hash("person", f"{channel}\0{sender}")


def make_key_ring_document() -> str:
    """A new key ring with one random key, as JSON text."""
    key = {"id": secrets.token_hex(ID_BYTES), "key": _encode(secrets.token_bytes(KEY_BYTES))}
    return json.dumps({"keys": [key], "pepper": _encode(secrets.token_bytes(KEY_BYTES))}, indent=1)


def parse_key_ring(document: str) -> KeyRing:
    """Read a key ring from JSON text. Raises KeyRingError and never shows key material."""
    try:
        raw = json.loads(document)
        keys = tuple((bytes.fromhex(k["id"]), _decode(k["key"])) for k in raw["keys"])
        pepper = _decode(raw["pepper"])
        index_keys = tuple((int(k["version"]), _decode(k["key"])) for k in raw.get("index_keys", []))
        signing = tuple((str(k["id"]), _decode(k["seed"])) for k in raw.get("signing_keys", []))
    except (ValueError, KeyError, TypeError) as error:
        raise KeyRingError("not a key ring document (keys, pepper)") from error
    sizes_fit = all(len(i) == ID_BYTES and len(k) == KEY_BYTES for i, k in keys)
    if not keys or not sizes_fit or len(pepper) != KEY_BYTES:
        raise KeyRingError(f"each key has an id of {ID_BYTES} and a key of {KEY_BYTES} bytes")
    if len({i for i, _ in keys}) != len(keys):
        raise KeyRingError("two keys have the same id")
    if any(len(key) != KEY_BYTES for _, key in (*index_keys, *signing)):
        raise KeyRingError(f"index and signing keys have {KEY_BYTES} bytes")
    if len(dict(index_keys)) != len(index_keys) or len(dict(signing)) != len(signing):
        raise KeyRingError("two index or signing keys have the same name")
    return KeyRing(keys, pepper, tuple(sorted(index_keys, reverse=True)), signing)


def load_key_ring(path: Path) -> KeyRing:
    """Read the key ring file. Raises KeyRingError when absent, damaged or readable by others."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        document = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyRingError(f"{path}: {error.strerror}") from error
    if mode & 0o077:
        raise KeyRingError(f"{path} has mode {mode:o}: only its owner may read it (chmod 600)")
    return parse_key_ring(document)


def create_key_ring(path: Path) -> KeyRing:
    """Write a new key ring with mode 600 and return it; an existing file is never overwritten.

    Safe when two processes start at once: the loser reads the winner's file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(make_key_ring_document())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # atomic, and refuses when the file is already there
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load_key_ring(path)


def _indexed(version: int, key: bytes, kind: str, value: str) -> str:
    mac = hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256)
    return f"{version}:{mac.hexdigest()}"


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
