"""Puts the newsroom together from settings and content. Renderers and what draws covers are handed in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bot.laws.register_files import load_register
from bot.publishing.alerts import Alerts
from bot.publishing.approval import Approval, Level
from bot.publishing.checking import PostChecker
from bot.publishing.correcting import Correcting
from bot.publishing.editing import Editing
from bot.publishing.law_reviews import LawReviews
from bot.publishing.lexicon import load_sensitive
from bot.publishing.ports import Ability, CoverPainter, Renderer, Sender
from bot.publishing.typesetting import House, Typesetter
from bot.publishing.words import PublishingWords
from bot.roles import Role
from bot.settings import Settings
from bot.wording import Wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Newsroom:
    """The services of publishing.

    enabled: codes of the channels that are switched on, as they are shown. abilities: what their senders can do besides
    publishing, told by `know`: senders are made when the program runs.
    """

    enabled: tuple[str, ...]
    typesetter: Typesetter
    checker: PostChecker
    editing: Editing
    approval: Approval
    correcting: Correcting
    law_reviews: LawReviews
    words: PublishingWords
    abilities: dict[str, frozenset[Ability]] = field(default_factory=dict)

    @property
    def renderers(self) -> Mapping[str, Renderer]:
        """By channel, all that there are."""
        return self.typesetter.renderers

    def know(self, senders: Iterable[Sender]) -> None:
        """Remember what these senders can do."""
        self.abilities.update({sender.channel: sender.abilities for sender in senders})


class WordedNotices:
    """What a correction notice says, from `content/replies/`."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def title(self, title: str) -> str:
        """The title of the notice about a post of that title."""
        return self._wording("publishing.correction.title", title=title)

    def text(self, correction: str) -> str:
        """The paragraph that says what is put right."""
        return self._wording("publishing.correction.text", text=correction)


def make_newsroom(  # noqa: PLR0913 - what is put together, named
    settings: Settings,
    wording: Wording,
    *,
    renderers: Iterable[Renderer],
    painter: CoverPainter | None = None,
    base_url: str | None = None,
    alerts: Alerts | None = None,
) -> Newsroom:
    """The newsroom of this installation. base_url: of its site, where that is another than the configured one.

    alerts: by which reviewers are told; None where nobody is. Raises ContentError for faulty content.
    """
    publishing, content = settings.publishing, settings.content_dir
    typesetter = Typesetter(
        make_house(settings, base_url),
        {renderer.channel: renderer for renderer in renderers},
        painter,
        WordedNotices(wording),
    )
    checker = PostChecker(
        register=load_register(content / "laws"),
        typesetter=typesetter,
        lexicon=load_sensitive(content / "lexicon" / "sensitive.yaml"),
        topics=faq_topics(settings),
        regions=tuple(settings.federation.regions),
        enabled=publishing.channels.enabled(),
    )
    abilities: dict[str, frozenset[Ability]] = {}
    levels = [Level(level.name, frozenset(map(Role, level.roles))) for level in publishing.approval]
    return Newsroom(
        enabled=publishing.channels.enabled(),
        typesetter=typesetter,
        checker=checker,
        editing=Editing(),
        approval=Approval(levels, checker, typesetter, alerts),
        correcting=Correcting(lambda channel: abilities.get(channel, frozenset())),
        law_reviews=LawReviews(),
        words=PublishingWords(wording, publishing.channels.names()),
        abilities=abilities,
    )


def make_house(settings: Settings, base_url: str | None = None) -> House:
    """What every post of this installation shares."""
    federation = settings.federation
    return House(
        federation=federation.name,
        short_name=federation.short_name,
        hotline=federation.hotline,
        base_url=base_url if base_url is not None else settings.web.base_url or "",
        author=settings.publishing.author,
    )


def faq_topics(settings: Settings) -> Collection[str]:
    """The topics of the shipped entries, by the names of their files."""
    return frozenset(f"{path.parent.name}.{path.stem}" for path in (settings.content_dir / "faq").glob("*/*.md"))
