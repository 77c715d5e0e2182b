"""Findings and codes of publishing in words, as `content/replies/publishing.yaml` has them."""

from collections.abc import Mapping

from bot.publishing.rendering import Finding
from bot.wording import Wording


class PublishingWords:
    """Makes sentences of findings and labels of codes."""

    def __init__(self, wording: Wording, channels: Mapping[str, str] | None = None) -> None:
        """Words of one installation. channels: names of webhooks and platforms, by the codes of their channels."""
        self._words = wording
        self._channels = channels or {}

    def finding(self, finding: Finding) -> str:
        """What is wrong, in one sentence; the bare code for one that nobody has words for."""
        key = f"publishing.finding.{finding.code}"
        if not self._words.has(key) or not self._words.fields(key) <= set(finding.data):
            return finding.code
        return self._words(key, **finding.data)

    def where(self, finding: Finding) -> str:
        """The field of the finding as staff read it, with the channel it concerns; empty when it is about neither."""
        field = finding.where.partition(".")[0].partition("[")[0]
        channel = finding.channel or (finding.where.partition(".")[2] if field == "variants" else "")
        named = [self.channel(channel) if channel else "", self.label("field", field) if field else ""]
        return " · ".join(part for part in named if part)

    def label(self, kind: str, code: object) -> str:
        """The word for a code: of a state, a channel, an event; the code where there is none."""
        key = f"publishing.{kind}.{code}"
        return self._words(key) if self._words.has(key) else str(code)

    def channel(self, code: str) -> str:
        """The name of a channel; of a webhook or a platform the one it has in the settings."""
        return self._channels.get(code) or self.label("channel", code)

    def refused(self, why: str) -> str:
        """Why somebody may not."""
        return self.label("refused", why)

    def not_now(self, what: str) -> str:
        """Why it cannot be done now."""
        return self.label("not_now", what)
