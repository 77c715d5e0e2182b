"""How a post looks on this site: its rendering, and the preview that shows the page's own template and style."""

import re
from collections.abc import Mapping, Sequence

from bot.publishing.ports import Frame, Limits, Preview
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Rendering
from bot.site.assets import read_asset
from bot.site.markup import find_pictures, place_pictures, render_post
from bot.site.pages import make_phones
from bot.site.post_page import CHANNEL, page_parts, read_page
from bot.site.templating import make_environment
from bot.wording import Wording

_TAG = re.compile(r"<[^>]+>")


class SitePostRenderer:
    """Renders posts for the site. A page has no limits of its own."""

    channel = CHANNEL
    limits = Limits()

    def __init__(self, wording: Wording, hotline: str) -> None:
        self._environment = make_environment(make_phones(wording, hotline))
        self._style = read_asset("site.css").decode()

    def render(self, content: Content, frame: Frame) -> Rendering:
        """The page as it will be read."""
        body = render_post(content.text_for(CHANNEL))
        return Rendering(
            channel=CHANNEL,
            parts=page_parts(content, body),
            cover=frame.cover,
            media=find_pictures(body),
            link=frame.page_of(content.slug),
        )

    def check(self, rendering: Rendering, content: Content) -> Sequence[Finding]:
        """Nothing: a page takes what every post may have."""
        return ()

    def preview(self, rendering: Rendering, pictures: Mapping[str, str]) -> Preview:
        """The article by the template and in the style of the site. Warnings that depend on the day are left out."""
        page = read_page(rendering)
        html = self._environment.get_template("post_preview.html").render(
            page=page,
            body=place_pictures(page.body, lambda digest: pictures.get(digest, "")),
            cover=pictures.get(page.cover, "") if page.cover else "",
        )
        text = _TAG.sub("", re.sub(r"</(?:p|li|h[1-6])>", "\n", page.body))
        return Preview(html=html, css=self._style, text=f"{page.title}\n\n{text.strip()}")
