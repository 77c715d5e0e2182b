"""Pictures of posts beside their files, each named by its SHA-256, and within pages that are looked at alone."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.publishing.posts import Content
    from bot.publishing.typesetting import Typesetter
    from bot.store.unit_of_work import UnitOfWork

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def read_pictures(folder: Path) -> dict[str, bytes]:
    """The pictures of a folder by their SHA-256; none without it. Raises ContentError for what is no JPEG or PNG."""
    from bot.errors import ContentError

    pictures: dict[str, bytes] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        data = path.read_bytes()
        if not data.startswith((JPEG, PNG)):
            raise ContentError([f"{path}: is no JPEG or PNG"])
        pictures[hashlib.sha256(data).hexdigest()] = data
    return pictures


def write_pictures(pictures: Mapping[str, bytes], folder: Path) -> None:
    """Write pictures to a folder that is made when it is needed."""
    for digest, data in pictures.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{digest}.{_ending(data)}").write_bytes(data)


async def uploaded_pictures(work: "UnitOfWork", contents: "Sequence[Content]") -> dict[str, bytes]:
    """What staff have uploaded for these posts. Drawn covers are not among it: they are drawn again anywhere."""
    wanted = dict.fromkeys(digest for content in contents for digest in _named(content))
    found = {digest: await work.pictures.get(digest) for digest in wanted}
    return {digest: data for digest, data in found.items() if data is not None}


async def shown_pictures(work: "UnitOfWork", typesetter: "Typesetter", content: "Content") -> dict[str, str]:
    """The pictures of a post as addresses that hold them, by digest; the drawn cover is among them."""
    digest, drawn = typesetter.drawn(content)
    found = {digest: drawn} if drawn else {}
    found |= await uploaded_pictures(work, [content])
    return {digest: _address(data) for digest, data in found.items()}


def _named(content: "Content") -> Iterator[str]:
    from bot.publishing.markdown_text import pictures

    yield from filter(None, [content.cover.image])
    for text in (content.body, *content.variants.values()):
        yield from pictures(text)


def _ending(data: bytes) -> str:
    return "png" if data.startswith(PNG) else "jpg"


def _address(data: bytes) -> str:
    kind = "png" if data.startswith(PNG) else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
