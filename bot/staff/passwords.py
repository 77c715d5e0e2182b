"""Passwords: Argon2id, computed off the event loop and never many at once, as each takes time and memory on purpose."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.staff.errors import PasswordRefused

LONGEST = 128
AT_ONCE = 2
_LONG_ENOUGH = 16
_KINDS_WANTED = 3
_DISTINCT_WANTED = 6

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters and digits that are taken for one another when they are read out or copied by hand."""


class Passwords:
    """Makes and checks Argon2id hashes (RFC 9106, the second recommended choice: 64 MB, 3 rounds)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._decoy = ""

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _prepared(password))

    async def fits(self, hashed: str, password: str) -> bool:
        """Whether it is the password of that hash; with no hash it is not, and that takes as long to say."""
        if not hashed:
            self._decoy = self._decoy or await self.hash(secrets.token_urlsafe(16))
        if len(password) > LONGEST:
            return False
        async with self._turn:
            return await asyncio.to_thread(self._fits, hashed or self._decoy, _prepared(password)) and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with weaker parameters than are used now."""
        return self._hasher.check_needs_rehash(hashed)

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, login: str, shortest: int) -> None:
    """Refuse a password that is easily guessed. Raises PasswordRefused."""
    text = _prepared(password)
    if len(text) < shortest:
        raise PasswordRefused("short")
    if len(text) > LONGEST:
        raise PasswordRefused("long")
    if login and login in text.casefold():
        raise PasswordRefused("has_login")
    kinds = {_kind(character) for character in text}
    if len(set(text)) < _DISTINCT_WANTED or (_weight(text) < _LONG_ENOUGH and len(kinds) < _KINDS_WANTED):
        raise PasswordRefused("simple")


def make_password() -> str:
    """A password for the first time: 80 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _prepared(password: str) -> str:
    """The same characters typed on another keyboard are the same password (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def _weight(text: str) -> int:
    """How long the text is to guess: one of thousands of Chinese characters counts for two letters."""
    return sum(2 if unicodedata.category(character) == "Lo" else 1 for character in text)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "sign"
