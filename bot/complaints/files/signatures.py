"""What kind of file some bytes are, by their own structure. Pure; standard library only.

Few kinds, each looked at closely: it is not enough to begin like a picture. Programs, pages, archives and
drawings that can hold scripts (SVG) are no kind at all.
"""

import io
import re
import zipfile
from enum import Enum

_PART_ENTRY = b"PK\x01\x02"
_MOST_BOXES, _LONGEST_BRANDS = 10_000, 4096
"""More than real films have. Millions of them would keep everybody else waiting."""

_OFFICE_MOST_PARTS = 5_000
_OFFICE_MOST_BYTES = 200 * 2**20
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/", "embeddings/")

_FILM_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"M4V "})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
_BOX_HEADER = 8
_LARGE_BOX_HEADER = 16
_RIFF_HEADER = 12

_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP3_BITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_BITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_HEADER = 4
_ID3_HEADER = 10
_FRAMES_TO_BELIEVE = 3


class Family(Enum):
    """What can be done with a file."""

    PICTURE = "picture"
    DOCUMENT = "document"
    SOUND = "sound"
    FILM = "film"


class FileKind(Enum):
    """The kinds that are taken: media type, family, and what their names end with."""

    JPEG = ("image/jpeg", Family.PICTURE, (".jpg", ".jpeg", ".jpe", ".jfif"))
    PNG = ("image/png", Family.PICTURE, (".png",))
    GIF = ("image/gif", Family.PICTURE, (".gif",))
    WEBP = ("image/webp", Family.PICTURE, (".webp",))
    BMP = ("image/bmp", Family.PICTURE, (".bmp", ".dib"))
    HEIC = ("image/heic", Family.PICTURE, (".heic", ".heif"))
    PDF = ("application/pdf", Family.DOCUMENT, (".pdf",))
    DOCX = (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Family.DOCUMENT,
        (".docx",),
    )
    XLSX = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Family.DOCUMENT, (".xlsx",))
    AMR = ("audio/amr", Family.SOUND, (".amr",))
    MP3 = ("audio/mpeg", Family.SOUND, (".mp3",))
    M4A = ("audio/mp4", Family.SOUND, (".m4a",))
    WAV = ("audio/wav", Family.SOUND, (".wav",))
    MP4 = ("video/mp4", Family.FILM, (".mp4", ".m4v"))
    MOV = ("video/quicktime", Family.FILM, (".mov", ".qt"))
    THREE_GP = ("video/3gpp", Family.FILM, (".3gp", ".3gpp"))

    def __init__(self, media_type: str, family: Family, suffixes: tuple[str, ...]) -> None:
        self.media_type = media_type
        self.family = family
        self.suffixes = suffixes


def kind_named(media_type: str) -> FileKind | None:
    """The kind of that media type."""
    return next((kind for kind in FileKind if kind.media_type == media_type), None)


def recognise(content: bytes) -> FileKind | None:
    """The kind of a file, or None for everything that is not taken."""
    for start, kind in _BEGINNINGS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF":
        return _riff(content)
    if content[4:8] == b"ftyp":
        return _boxes(content)
    if content[:2] == b"BM":
        return _bitmap(content)
    if content[:4] == b"PK\x03\x04":
        return _office(content)
    return FileKind.MP3 if _is_mp3(content) else None


_BEGINNINGS = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"GIF87a", FileKind.GIF),
    (b"GIF89a", FileKind.GIF),
    (b"%PDF-", FileKind.PDF),  # at the very start: readers find it further in as well, which serves disguises alone
    (b"#!AMR\n", FileKind.AMR),
    (b"#!AMR-WB\n", FileKind.AMR),
)


def has_macros(content: bytes) -> bool:
    """Whether an office file holds programs or other files inside itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(mark in name.lower() for name in archive.namelist() for mark in _MACROS)


def _riff(content: bytes) -> FileKind | None:
    if len(content) < _RIFF_HEADER or int.from_bytes(content[4:8], "little") + 8 > len(content) + 1:
        return None
    return {b"WEBP": FileKind.WEBP, b"WAVE": FileKind.WAV}.get(content[8:12])


def _bitmap(content: bytes) -> FileKind | None:
    """Two letters prove nothing: the length in the header has to be right as well."""
    stated = int.from_bytes(content[2:6], "little")
    return FileKind.BMP if stated == len(content) and content[6:10] == bytes(4) else None


def _boxes(content: bytes) -> FileKind | None:
    names = _box_names(content)
    if names is None:
        return None
    length = min(int.from_bytes(content[:4], "big"), len(content), _LONGEST_BRANDS)
    brands = [content[8:12], *(content[at : at + 4] for at in range(16, length - 3, 4))]
    if brands[0] in _HEIC_BRANDS:
        return FileKind.HEIC if b"meta" in names else None
    if b"moov" not in names:
        return None
    return _film(brands)


def _film(brands: list[bytes]) -> FileKind | None:
    main = brands[0]
    if main in (b"M4A ", b"M4B "):
        return FileKind.M4A
    if main == b"qt  ":
        return FileKind.MOV
    if main[:3] in (b"3gp", b"3g2"):
        return FileKind.THREE_GP
    return FileKind.MP4 if _FILM_BRANDS & set(brands) else None


def _box_names(content: bytes) -> set[bytes] | None:
    """The outermost boxes of an ISO media file; None when they do not fill it exactly."""
    names, at, boxes = set(), 0, 0
    while at < len(content):
        boxes += 1
        if boxes > _MOST_BOXES:
            return None
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + _LARGE_BOX_HEADER], "big")
        elif length == 0:
            length = len(content) - at
        if length < _BOX_HEADER or at + length > len(content):
            return None
        names.add(name)
        at += length
    return names


def _office(content: bytes) -> FileKind | None:
    if content.count(_PART_ENTRY) > 2 * _OFFICE_MOST_PARTS:  # counted before each is made an object
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(parts) > _OFFICE_MOST_PARTS or sum(part.file_size for part in parts) > _OFFICE_MOST_BYTES:
        return None
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or any(part.flag_bits & 1 for part in parts):
        return None
    if "word/document.xml" in names:
        return FileKind.DOCX
    return FileKind.XLSX if "xl/workbook.xml" in names else None


def _is_mp3(content: bytes) -> bool:
    """Several frames that follow one another exactly: the sync bits alone are found in anything."""
    at = 0
    if content[:3] == b"ID3" and len(content) > _ID3_HEADER:
        size = content[6:10]
        if any(byte & 0x80 for byte in size):
            return False
        at = _ID3_HEADER + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
        padding = re.compile(rb"\x00*").match(content, at)
        at = padding.end() if padding else at
    for _ in range(_FRAMES_TO_BELIEVE):
        length = _mp3_frame(content[at : at + _MP3_HEADER])
        if not length or at + length > len(content):
            return False
        at += length
    return True


def _mp3_frame(header: bytes) -> int:
    """The length of the frame with this header; 0 where it is none of layer III."""
    if len(header) < _MP3_HEADER or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # noqa: PLR2004 - the bits of the format
        return 0
    version, bits, rate, padded = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or rate == 3 or bits in (0, 15):  # noqa: PLR2004 - reserved values of the format
        return 0
    newest = version == 3  # noqa: PLR2004 - MPEG 1
    kilobits = (_MP3_BITS_1 if newest else _MP3_BITS_2)[bits]
    return (144 if newest else 72) * kilobits * 1000 // _MP3_RATES[version][rate] + padded
