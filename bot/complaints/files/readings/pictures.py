"""Pictures drawn anew: place, time, device, thumbnails and whatever was appended stay behind.

A picture is decoded to its dots and written again, turned as the camera held it.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.complaints.files.kinds import FileFault, FileRefused
from bot.complaints.files.signatures import FileKind

MOST_DOTS = 120_000_000
"""Larger than most phones' cameras; a JPEG is decoded at a fraction of its size."""

MOST_DOTS_WHOLE = 50_000_000
"""Of kinds that can only be decoded whole."""

LONGEST_SIDE = 2560
QUALITY = 88


def copy(content: bytes, kind: FileKind, longest_side: int = LONGEST_SIDE) -> tuple[bytes, str]:
    """The picture drawn anew as JPEG. Raises FileRefused for what is damaged or too large inside."""
    Image.MAX_IMAGE_PIXELS = None  # the sizes are checked here, with a fault that has a name
    try:
        with Image.open(io.BytesIO(content), formats=[kind.name]) as picture:
            _check_size(picture)
            if kind is FileKind.JPEG:
                picture.draft("RGB", (longest_side, longest_side))  # never below what is asked for
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((longest_side, longest_side))
            return _drawn(upright), FileKind.JPEG.media_type
    except MemoryError:
        raise FileRefused(FileFault.HUGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError):
        raise FileRefused(FileFault.DAMAGED) from None


def _check_size(picture: Image.Image) -> None:
    most = MOST_DOTS if picture.format == FileKind.JPEG.name else MOST_DOTS_WHOLE
    if picture.width * picture.height > most:
        raise FileRefused(FileFault.HUGE)


def _drawn(picture: Image.Image) -> bytes:
    """Only the dots, on white."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
    else:
        flat = Image.new("RGB", picture.size)
        flat.paste(picture.convert("RGB"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return out.getvalue()
