"""Links that open a subscription to whoever has been sent one: signed by the key ring, and nothing personal in them."""

import hmac
import re
from datetime import UTC, datetime, timedelta

from bot.keyring import KeyRing

CONFIRM_WITHIN = timedelta(days=7)
_MANAGE, _CONFIRM = "subscription.manage", "subscription.confirm"
_MANAGED = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})")
_CONFIRMED = re.compile(r"([0-9a-f]{32})-([0-9]{1,11})-([0-9a-f]{32})")


class Links:
    """Makes and reads the tokens of links. base_url: of our site; without one there are no links."""

    def __init__(self, keys: KeyRing, base_url: str) -> None:
        self._keys = keys
        self._base_url = base_url

    @property
    def base_url(self) -> str:
        """Of our site; empty where it has none."""
        return self._base_url

    def manage_token(self, subscriber: str) -> str:
        """Opens the preferences of that subscription, for as long as it is there."""
        return f"{subscriber}{self._keys.hash(_MANAGE, subscriber)}"

    def confirm_token(self, subscriber: str, now: datetime) -> str:
        """Confirms that subscription within some days."""
        ends = int((now + CONFIRM_WITHIN).timestamp())
        return f"{subscriber}-{ends}-{self._keys.hash(_CONFIRM, f'{subscriber}-{ends}')}"

    def managed(self, token: str) -> str | None:
        """The subscription whose preferences the token opens; None for a token that is not ours."""
        found = _MANAGED.fullmatch(token)
        if found is None or not _same(found[2], self._keys.hash(_MANAGE, found[1])):
            return None
        return found[1]

    def confirmed(self, token: str, now: datetime) -> str | None:
        """The subscription that the token confirms; None for one that is not ours or whose time is over."""
        found = _CONFIRMED.fullmatch(token)
        if found is None or not _same(found[3], self._keys.hash(_CONFIRM, f"{found[1]}-{found[2]}")):
            return None
        return found[1] if datetime.fromtimestamp(int(found[2]), UTC) > now else None

    def manage_page(self, subscriber: str) -> str:
        """The address of the preferences; empty without a site."""
        return f"{self._base_url}/subscribe/p/{self.manage_token(subscriber)}" if self._base_url else ""

    def stop_page(self, subscriber: str) -> str:
        """The address that stops everything with one POST; empty without a site."""
        page = self.manage_page(subscriber)
        return f"{page}/stop" if page else ""

    def confirm_page(self, subscriber: str, now: datetime) -> str:
        """The address at which the subscription is confirmed; empty without a site."""
        return f"{self._base_url}/subscribe/c/{self.confirm_token(subscriber, now)}" if self._base_url else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
