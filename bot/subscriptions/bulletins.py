"""What a subscriber is sent, in words. The words are the editors'; the posts are as they were published."""

from bot.subscriptions.issues import LONGEST_DIGEST, Issue, Item
from bot.subscriptions.links import Links
from bot.subscriptions.ports import Bulletin, Told
from bot.subscriptions.subscribers import Pace
from bot.wording import Wording

_CUT = "…"


class BulletinWriter:
    """Writes bulletins. federation: its short name."""

    def __init__(self, wording: Wording, links: Links, federation: str) -> None:
        self._wording = wording
        self._links = links
        self._federation = federation

    def write(self, issue: Issue, subscriber: str, topics: tuple[str, ...]) -> Bulletin:
        """The issue for one subscriber, with the posts that they want."""
        words, items = self._wording, issue.items_for(topics)
        base = self._links.base_url
        if issue.pace is Pace.WEEKLY:
            subject = words("subscription.weekly.subject", federation=self._federation, count=len(items))
            head = words("subscription.weekly.head", count=len(items))
        else:
            subject = words("subscription.at_once.subject", federation=self._federation, title=items[0].title)
            head = words("subscription.at_once.head", federation=self._federation)
        return Bulletin(
            subject=subject,
            head=head,
            items=tuple(self._told(item) for item in items),
            foot=words("subscription.foot"),
            more=words("subscription.more", page=f"{base}/posts") if base else words("subscription.more_plain"),
            stop=words("subscription.stop"),
            settings=words("subscription.settings"),
            manage=self._links.manage_page(subscriber),
            stop_page=self._links.stop_page(subscriber),
        )

    def _told(self, item: Item) -> Told:
        digest = item.digest
        if len(digest) > LONGEST_DIGEST:
            digest = f"{digest[: LONGEST_DIGEST - 1]}{_CUT}"
        base = self._links.base_url
        return Told(item.title, digest, f"{base}{item.path}" if base else "")
