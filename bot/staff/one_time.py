"""One-time codes (TOTP, RFC 6238) and the recovery codes for when the phone is lost.

A code is good for its time step and the ones beside it, and once only: the step of the last code is kept.
"""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp

PERIOD = 30
RECOVERY_CODES = 10

_SPELLED = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE = re.compile(r"[0-9]{6}")


def make_secret() -> str:
    """A new secret of 160 bits for an authenticator."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, login: str, issuer: str) -> str:
    """What the QR code for the authenticator says."""
    return pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=login, issuer_name=issuer)


def used_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step of a code that is right now and was not used before, or None."""
    if not _CODE.fullmatch(code):
        return None
    totp, present = pyotp.TOTP(secret, interval=PERIOD), int(now.timestamp()) // PERIOD
    found = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step), code) and step > last_step:
            found = step
    return found


def make_recovery_codes() -> tuple[str, ...]:
    """Codes of 49 bits, each good for one time."""
    return tuple(_grouped("".join(secrets.choice(_SPELLED) for _ in range(10))) for _ in range(RECOVERY_CODES))


def as_typed(text: str) -> str:
    """A code as it was meant, however it was typed: full-width, in small letters, with blanks or dashes."""
    return re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()


def _grouped(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"
