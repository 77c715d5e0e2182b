"""How posts look on every channel there is, whether it is switched on or not: writers see what would go out."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.channels.by_hand.render import ByHandRenderer
from bot.channels.mastodon.render import MastodonRenderer
from bot.channels.telegram.render import TelegramRenderer, TelegramWords
from bot.channels.webhook.render import WebhookRenderer
from bot.channels.wechat.article import WeChatArticle
from bot.channels.weibo.render import WeiboRenderer
from bot.publishing.ports import Renderer
from bot.settings import Settings
from bot.site.post_renderer import SitePostRenderer
from bot.wording import Wording


def make_renderers(settings: Settings, wording: Wording, base_url: str) -> Iterator[Renderer]:
    """The renderers of an installation whose site has that address; empty where it has none."""
    channels = settings.publishing.channels
    yield WeChatArticle(wording)
    yield WeiboRenderer(channels.weibo.safe_domain or urlsplit(base_url).hostname or "")
    yield MastodonRenderer(channels.mastodon.characters)
    yield TelegramRenderer(TelegramWords.of(wording))
    yield SitePostRenderer(wording, settings.federation.hotline)
    for target in channels.webhook.targets:
        yield WebhookRenderer(target.id)
    for platform in channels.by_hand.platforms:
        yield ByHandRenderer(platform.id, title=platform.title_characters, text=platform.text_characters)
