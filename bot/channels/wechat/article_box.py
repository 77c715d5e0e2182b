"""The account's drafts and published articles: adding, looking up, deleting; and the pictures that WeChat hosts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.channels.wechat.api import Upload, WeChatApi
from bot.channels.wechat.article import LIMITS
from bot.channels.wechat.publish_errors import NO_SUCH_MEDIA
from bot.errors import VendorError

DRAFT_ADD = "/cgi-bin/draft/add"
DRAFT_GET = "/cgi-bin/draft/get"
DRAFT_LIST = "/cgi-bin/draft/batchget"
DRAFT_DELETE = "/cgi-bin/draft/delete"
DRAFT_COUNT = "/cgi-bin/draft/count"
PUBLISHED_LIST = "/cgi-bin/freepublish/batchget"
UPLOAD_INLINE = "/cgi-bin/media/uploadimg"
UPLOAD_MATERIAL = "/cgi-bin/material/add_material"

INLINE, COVER = "inline", "cover"
"""What a picture was uploaded for: WeChat issues an address for the one, an id for the other."""

CLOCKS_DIFFER = timedelta(minutes=2)
"""What WeChat dates by its own clock may lie so far before our moment."""

_PAGE = 20
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


class IssuedPictures(Protocol):
    """What the platform issued for our pictures, kept so that none is uploaded twice."""

    async def find(self, digest: str, purpose: str) -> str:
        """The address or the id; empty when none is known."""
        ...

    async def keep(self, digest: str, purpose: str, issued: str) -> None:
        """Remember it, instead of what was known. Safe to repeat."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article by what is known of it: its title, its landing page if any, and since when it may be there.

    A post and the notice that corrects it share a page, so the page alone would take one for the other.
    """

    title: str
    link: str
    since: datetime

    def is_it(self, item: Mapping[str, Any], updated: object) -> bool:
        """Whether that is the article, as WeChat lists it."""
        if item.get("is_deleted") or not isinstance(updated, int):
            return False
        if datetime.fromtimestamp(updated, UTC) < self.since - CLOCKS_DIFFER:
            return False
        if str(item.get("title", "")).strip() != self.title.strip():
            return False
        return not self.link or item.get("content_source_url") == self.link


@dataclass(frozen=True, slots=True)
class Published:
    """An article that is out there."""

    id: str
    address: str

    @property
    def name(self) -> str:
        """The name that its delivery gets."""
        return f"article:{self.id}"


class BadPicture(VendorError):
    """A picture is missing, too large, or neither JPEG nor PNG."""

    def __init__(self, code: str, digest: str) -> None:
        super().__init__(code, digest[:12], permanent=True)


class ArticleBox:
    """Drafts, published articles and pictures of one account. Every failure is a VendorError."""

    def __init__(self, api: WeChatApi, issued: IssuedPictures) -> None:
        self._api = api
        self._issued = issued

    async def add(self, article: Mapping[str, Any]) -> str:
        """Put a draft into the account; its id."""
        answer = await self._api.call(DRAFT_ADD, {"articles": [article]})
        return _needed(answer, "media_id", DRAFT_ADD)

    async def has_draft(self, draft: str) -> bool:
        """Whether the draft is there; it leaves when it is published, sent or deleted."""
        try:
            await self._api.call(DRAFT_GET, {"media_id": draft})
        except VendorError as error:
            if error.code == NO_SUCH_MEDIA:
                return False
            raise
        return True

    async def find_draft(self, wanted: Wanted) -> str:
        """The id of the newest such draft; empty when there is none."""
        for item, article in await self._listed(DRAFT_LIST):
            if wanted.is_it(article, item.get("update_time")):
                return str(item.get("media_id", ""))
        return ""

    async def find_published(self, wanted: Wanted, taken: Collection[str] = ()) -> Published | None:
        """The earliest such article that is published, since a later one is a later delivery's.

        taken: names and addresses of articles that are another delivery's already.
        """
        found: list[tuple[int, Published]] = []
        for item, article in await self._listed(PUBLISHED_LIST):
            published = Published(str(item.get("article_id", "")), str(article.get("url", "")))
            is_taken = published.name in taken or published.address in taken
            if not is_taken and wanted.is_it(article, item.get("update_time")):
                found.append((item["update_time"], published))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    async def inline(self, digest: str, data: bytes | None) -> str:
        """The address that WeChat has for a picture in a text; uploaded when it has none."""
        if known := await self._issued.find(digest, INLINE):
            return known
        answer = await self._api.upload(UPLOAD_INLINE, _upload(digest, data))
        address = _needed(answer, "url", UPLOAD_INLINE)
        await self._issued.keep(digest, INLINE, address)
        return address

    async def cover(self, digest: str, data: bytes | None, *, anew: bool = False) -> str:
        """The id of a picture as permanent material. anew: what was known is not there any more."""
        known = "" if anew else await self._issued.find(digest, COVER)
        if known:
            return known
        answer = await self._api.upload(UPLOAD_MATERIAL, _upload(digest, data), "image")
        media = _needed(answer, "media_id", UPLOAD_MATERIAL)
        await self._issued.keep(digest, COVER, media)
        return media

    async def _listed(self, path: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The newest entries of a list, each with its first article."""
        answer = await self._api.call(path, {"offset": 0, "count": _PAGE, "no_content": 1})
        listed = []
        for item in answer.get("item") or ():
            articles = (item.get("content") or {}).get("news_item") or ()
            listed += [(item, articles[0])] if articles else []
        return listed


def _needed(answer: Mapping[str, Any], name: str, path: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise VendorError("bad_answer", path)
    return value


def _upload(digest: str, data: bytes | None) -> Upload:
    if not data:
        raise BadPicture("picture_missing", digest)
    if len(data) > LIMITS.picture_bytes:
        raise BadPicture("picture_too_large", digest)
    if data.startswith(_JPEG):
        return Upload(f"{digest[:16]}.jpg", data, "image/jpeg")
    if data.startswith(_PNG):
        return Upload(f"{digest[:16]}.png", data, "image/png")
    raise BadPicture("picture_kind", digest)
