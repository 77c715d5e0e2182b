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
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.durable import flush_folder
from bot.errors import CannotOpen, KeyRingError

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4
FORMAT = b"\x01"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Seals and opens values; the first key is the one that seals."""

    keys: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    pepper: bytes = field(repr=False)
    index_keys: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)
    signing_seeds: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

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
    def index_versions(self) -> tuple[int, ...]:
        """The numbers of all index keys, the newest first."""
        return tuple(version for version, _ in self._index_keys())

    @property
    def sealing_prefix(self) -> bytes:
        """What everything begins with that is sealed now: values that begin otherwise are sealed by an older key."""
        return FORMAT + self.keys[0][0]

    def with_new_key(self) -> "KeyRing":
        """This ring with a new random key that seals from now on; the others still open."""
        return replace(self, keys=((secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES)), *self.keys))

    def with_new_index_key(self) -> "KeyRing":
        """This ring with a new random index key; what was indexed by the others is still found."""
        newest = (self.index_version + 1, secrets.token_bytes(KEY_BYTES))
        return replace(self, index_keys=(newest, *self._index_keys()))

    def with_new_signing_key(self) -> "KeyRing":
        """This ring with a new random key that signs proofs; those signed by the others still hold."""
        known = self.signing_keys()
        number = 1 + max((int(id) for id, _ in known if id.isdecimal()), default=0)
        return replace(self, signing_seeds=((str(number), secrets.token_bytes(KEY_BYTES)), *known))

    def without_keys(self, ids: Collection[bytes]) -> "KeyRing":
        """This ring without these keys; the one that seals stays. What they sealed is lost, in backups too."""
        kept = tuple(pair for number, pair in enumerate(self.keys) if number == 0 or pair[0] not in ids)
        return replace(self, keys=kept)

    def document(self) -> str:
        """The ring as JSON text, every key in it; `parse_key_ring` gives an equal ring back."""
        return json.dumps(
            {
                "keys": [{"id": id.hex(), "key": _encode(key)} for id, key in self.keys],
                "pepper": _encode(self.pepper),
                "index_keys": [{"version": version, "key": _encode(key)} for version, key in self._index_keys()],
                "signing_keys": [{"id": id, "seed": _encode(seed)} for id, seed in self.signing_keys()],
            },
            indent=1,
        )

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
        return _derived(self.pepper, purpose)

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
    draft = _written_beside(path, make_key_ring_document())
    try:
        os.link(draft, path)  # atomic, and refuses when the file is already there
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load_key_ring(path)


def replace_key_ring(path: Path, ring: KeyRing) -> None:
    """Make this the ring of the file, at once and with mode 600: whoever reads has the old one or the new one.

    Raises KeyRingError.
    """
    draft = None
    try:
        draft = _written_beside(path, ring.document())
        load_key_ring(draft)  # what cannot be read back must not take the place of what can
        draft.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise KeyRingError(f"{path}: {error.strerror}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _written_beside(path: Path, document: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    return draft


@lru_cache(maxsize=64)
def _derived(pepper: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"gonghui {purpose}".encode()).derive(pepper)


def _indexed(version: int, key: bytes, kind: str, value: str) -> str:
    mac = hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256)
    return f"{version}:{mac.hexdigest()}"


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
