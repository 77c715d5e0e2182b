"""Signatures and encryption of the WeChat callback.

AES and the layout of its plaintext come from wechatpy; signatures are compared here in constant
time, randomness comes from `secrets`, and padding and lengths are checked. Whatever is wrong
with what came in, the error is `Refused`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from wechatpy.crypto import PrpCrypto

from bot.channels.wechat.refusal import Refused

BLOCK = 32
RANDOM_BYTES = 16
LENGTH_BYTES = 4


class _Cipher(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's cipher with unpredictable randomness."""

    def get_random_string(self) -> str:
        return secrets.token_hex(RANDOM_BYTES // 2)

    def open(self, ciphertext: bytes) -> tuple[bytes, bytes]:
        """The message and the AppID in a ciphertext. Raises ValueError when the key is not the right one."""
        plain: bytes = self.cipher.decrypt(ciphertext)
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise ValueError("padding")
        content = plain[RANDOM_BYTES:-padding]
        end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
        if len(content) < end:
            raise ValueError("length")
        return content[LENGTH_BYTES:end], content[end:]


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted message, and which key opened it: the reply has to use the same."""

    document: bytes
    key: int


class CallbackCrypto:
    """Checks and decrypts what WeChat sends to one account, and encrypts the replies."""

    def __init__(self, token: str, app_id: str, aes_keys: Sequence[str] = ()) -> None:
        """`aes_keys`: the current EncodingAESKey, then the one before it while they are being changed."""
        self._token = token
        self._app_id = app_id
        self._ciphers = [_Cipher(base64.b64decode(f"{key}=")) for key in aes_keys]

    @property
    def can_decrypt(self) -> bool:
        """Whether there is an EncodingAESKey at all."""
        return bool(self._ciphers)

    def check_signature(self, signature: str, timestamp: str, nonce: str, encrypted: str = "") -> None:
        """Raises Refused unless the signature was made with our token (over the ciphertext, if there is one)."""
        parts = [self._token, timestamp, nonce] + ([encrypted] if encrypted else [])
        if not hmac.compare_digest(_digest(parts).encode(), signature.encode()):
            raise Refused("signature", 403)

    def decrypt(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> Opened:
        """The message in a signed ciphertext, opened with the first key that fits. Raises Refused."""
        if not self._ciphers:
            raise Refused("no_aes_key", 403)
        if not encrypted:
            raise Refused("no_Encrypt")
        self.check_signature(signature, timestamp, nonce, encrypted)
        try:
            ciphertext = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused("ciphertext") from error
        if not ciphertext or len(ciphertext) % BLOCK:
            raise Refused("ciphertext")
        reason = "undecipherable"
        for key, cipher in enumerate(self._ciphers):
            try:
                document, app_id = cipher.open(ciphertext)
            except ValueError:
                continue
            if hmac.compare_digest(app_id, self._app_id.encode()):
                return Opened(document, key)
            reason = "app_id"
        raise Refused(reason, 403)

    def encrypt(self, document: str, timestamp: str, nonce: str, key: int = 0) -> str:
        """The signed, encrypted envelope around a reply."""
        encrypted = self._ciphers[key].encrypt(document, self._app_id).decode()
        signature = _digest([self._token, timestamp, nonce, encrypted])
        return (
            "<xml>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp>"
            f"<Nonce><![CDATA[{nonce}]]></Nonce>"
            "</xml>"
        )


def _digest(parts: Sequence[str]) -> str:
    """WeChat's signature: SHA-1 over the sorted parts, which is what its protocol prescribes."""
    return hashlib.sha1("".join(sorted(parts)).encode(errors="surrogatepass")).hexdigest()  # noqa: S324 - the protocol prescribes it
