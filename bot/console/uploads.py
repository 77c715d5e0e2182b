"""Pictures that staff upload for posts: drawn anew by a process of its own, and made small enough for every channel.

What a phone writes into a photo (where and when it was taken) stays behind; it stands upright.
"""

from bot.complaints.files.isolation import IsolatedReader
from bot.complaints.files.kinds import FileRefused, check_content
from bot.complaints.files.signatures import FileKind
from bot.publishing.errors import BadPicture

MOST_BYTES = 1_000_000
"""What WeChat takes of a picture within an article is a little more."""

SIDES = (1440, 1080, 800, 560)
"""The longest side, tried from the largest until the picture is small enough."""

_KINDS = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP})


class PictureUploads:
    """Makes pictures for posts of what staff upload."""

    def __init__(self, reader: IsolatedReader) -> None:
        self._reader = reader

    async def fit(self, data: bytes) -> bytes:
        """The picture as JPEG, within `MOST_BYTES`. Raises BadPicture for what is no picture, or damaged."""
        try:
            kind = check_content(data)
            if kind not in _KINDS:
                raise BadPicture
            for side in SIDES:
                made = await self._reader.read(data, kind, longest_side=side)
                if made is not None and len(made.content) <= MOST_BYTES:
                    return made.content
        except FileRefused:
            raise BadPicture from None
        raise BadPicture
