"""What is checked again when a delivery is due: that it is still what was approved, and that its law is still law.

Whatever is found holds the delivery until a person has seen to it.
"""

from datetime import date

from bot.laws.citation import Citation
from bot.laws.register import Document, Law, LawRegister
from bot.publishing.deliveries import Delivery, Kind
from bot.publishing.posts import Content, Post, PostState
from bot.publishing.rendering import Finding
from bot.publishing.typesetting import NOTICE

_NOT_SENT = frozenset({PostState.DRAFT, PostState.IN_REVIEW, PostState.WITHDRAWN})


def approved_digest(post: Post, channel: str, kind: Kind) -> str:
    """The digest of what was approved for that channel; empty where nothing is."""
    return post.approved.get(f"{NOTICE}{channel}" if kind is Kind.NOTICE else channel, "")


class Rechecker:
    """Checks against one register of laws."""

    def __init__(self, register: LawRegister) -> None:
        self._register = register

    def check(self, post: Post | None, delivery: Delivery, on: date) -> list[Finding]:
        """Why this may not go out on that day; empty when it may. A withdrawal always may."""
        if delivery.kind is Kind.WITHDRAW:
            return []
        if post is None:
            return [Finding("no_post")]
        digest = approved_digest(post, delivery.channel, delivery.kind)
        if post.state in _NOT_SENT or not digest:
            return [Finding("not_approved")]
        if digest != delivery.rendering:
            return [Finding("not_as_approved")]
        content = post.approved_content or post.content
        return [*_effective(content, on), *self._laws(content, on)]

    def _laws(self, content: Content, on: date) -> list[Finding]:
        found = [self._law(citation, number, on) for number, citation in enumerate(content.citations)]
        return [finding for finding in found if finding is not None]

    def _law(self, citation: Citation, number: int, on: date) -> Finding | None:
        item = self._register.named(citation.law)
        data = {"citation": citation.label}
        if item is None:
            return Finding("law_unknown", where=f"citations[{number}]", data=data)
        if not _in_force(item, on):
            return Finding("law_not_in_force", where=f"citations[{number}]", data=data)
        if isinstance(item, Law) and citation.article is not None and not item.has(citation.article, citation.suffix):
            return Finding("article_gone", where=f"citations[{number}]", data=data)
        return None


def _in_force(item: Law | Document, on: date) -> bool:
    if isinstance(item, Law):
        return item.is_in_force(on)
    return item.effective is None or item.effective <= on


def _effective(content: Content, on: date) -> list[Finding]:
    if content.effective_from is not None and on < content.effective_from:
        return [Finding("not_yet_effective", where="effective_from", data={"day": content.effective_from.isoformat()})]
    if content.effective_to is not None and on > content.effective_to:
        return [Finding("no_longer_effective", where="effective_to", data={"day": content.effective_to.isoformat()})]
    return []
