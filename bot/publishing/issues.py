"""What came out of a post, one by one: each issue of a weekly post, each notice. Pure, told from the ledger.

A withdrawal names the issue that it takes back in its occurrence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.publishing.deliveries import Delivery, DeliveryState, Kind

WITHDRAWS = "withdraw:"
_COME_OUT = (Kind.PUBLISH, Kind.NOTICE)


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that readers find on a channel. text: the delivery whose text it shows, corrected since or not."""

    delivery: Delivery
    text: Delivery

    @property
    def vendor_id(self) -> str:
        """The platform's name for it; empty where it has none."""
        return self.text.vendor_id or self.delivery.vendor_id

    @property
    def address(self) -> str:
        """Where it is read."""
        return self.text.address or self.delivery.address


def withdrawal_of(issue: Issue) -> str:
    """The occurrence of its withdrawal."""
    return f"{WITHDRAWS}{issue.delivery.id}"


def standing_issues(deliveries: Iterable[Delivery]) -> list[Issue]:
    """Everything of a post that can still be read, the earliest first. What a platform calls the same is one."""
    sent = sorted(
        (each for each in deliveries if each.state is DeliveryState.SENT),
        key=lambda each: each.finished_at or each.made_at,
    )
    gone = {each.occurrence.removeprefix(WITHDRAWS) for each in sent if each.kind is Kind.WITHDRAW}
    return [issue for issue in _issues(sent) if issue.delivery.id not in gone]


def withdrawn_issue(deliveries: Iterable[Delivery], withdrawal: Delivery) -> Issue | None:
    """What that delivery takes back."""
    sent = [each for each in deliveries if each.state is DeliveryState.SENT and each.kind is not Kind.WITHDRAW]
    sent.sort(key=lambda each: each.finished_at or each.made_at)
    wanted = withdrawal.occurrence.removeprefix(WITHDRAWS)
    return next((issue for issue in _issues(sent) if issue.delivery.id == wanted), None)


def _issues(sent: Iterable[Delivery]) -> list[Issue]:
    found: dict[tuple[str, str], Issue] = {}
    newest: dict[str, tuple[str, str]] = {}
    for each in sent:
        if each.kind in _COME_OUT:
            key = (each.channel, each.vendor_id or each.id)
            found.pop(key, None)
            found[key] = Issue(each, each)
            if each.kind is Kind.PUBLISH:
                newest[each.channel] = key
        elif each.kind is Kind.EDIT and each.channel in newest:
            key = newest[each.channel]
            found[key] = Issue(found[key].delivery, each)
    return list(found.values())
