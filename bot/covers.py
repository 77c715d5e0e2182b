"""Covers drawn by the program: title and name on the federation's colours, a mark in the square at the right.

The font comes with a package, so a bare machine draws what every other machine draws. The square is what WeChat shows
of a cover where it shares an article; `SQUARE` says where it is.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.errors import GonghuiError

WIDTH, HEIGHT = 900, 383
SQUARE = ((WIDTH - HEIGHT) / WIDTH, 0.0, 1.0, 1.0)
"""Left, top, right and bottom of the square, as parts of the width and the height."""

FONT_PACKAGE = "manimgx_fonts_cjk"
FONT_FILE = "NotoSansCJK-VF.otf.ttc"
SYSTEM_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
"""Where Debian's fonts-noto-cjk and fonts-wqy-* put them: taken when the package is not there."""

_SIMPLIFIED = "SC"
_MOST_FACES = 16
_QUALITY = 90
_FINE = 2
"""Everything is drawn so many times larger and made smaller at the end: its edges are smooth."""

_LEFT, _RIGHT = 54, 548
_LARGEST, _SMALLEST = 84, 22
_LINE = 1.32
_NAME_SIZE = 30
_BELOW = 77
"""How high the line and the name under the title are together."""

_TITLE_WEIGHT, _NAME_WEIGHT = 800, 500
_CENTRE = (WIDTH - HEIGHT / 2, HEIGHT / 2)
_TEETH = 12
_SHADES = 64


class NoFont(GonghuiError):
    """No Chinese font was found to draw covers with: reinstall the program, or install the package fonts-noto-cjk."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a cover: the ground from top left to bottom right, the mark, the letters, the line."""

    first: tuple[int, int, int]
    last: tuple[int, int, int]
    ink: tuple[int, int, int] = (255, 250, 240)
    accent: tuple[int, int, int] = (246, 205, 132)


COLOURS = {
    "red": Colours((182, 34, 34), (122, 16, 24)),
    "blue": Colours((30, 92, 150), (16, 52, 98)),
    "green": Colours((30, 118, 88), (12, 72, 56)),
    "orange": Colours((178, 78, 16), (126, 46, 10), accent=(255, 224, 160)),
}


class DrawnCovers:
    """Draws covers. mark: the one or two characters in the square, the same on every cover of a federation."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def paint(self, lines: Sequence[str], tone: str, name: str) -> bytes:
        """A JPEG of 900 x 383 pixels; an unknown tone is red. The same words give the same bytes. Raises NoFont."""
        colours = COLOURS.get(tone, COLOURS["red"])
        image = _ground(colours)
        draw = ImageDraw.Draw(image, "RGBA")
        _draw_mark(draw, self._mark, colours)
        _draw_title(draw, [line for line in lines if line.strip()], name, colours)
        small = image.reduce(_FINE)
        written = BytesIO()
        small.save(written, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
        return written.getvalue()


@lru_cache(maxsize=1)
def font_path() -> Path:
    """The Chinese font: that of the package, else one of the system. Raises NoFont."""
    found = find_spec(FONT_PACKAGE)
    packaged = [Path(folder) / FONT_FILE for folder in (found.submodule_search_locations or ())] if found else []
    for path in (*packaged, *map(Path, SYSTEM_FONTS)):
        if path.is_file():
            return path
    raise NoFont


@lru_cache(maxsize=1)
def _face() -> int:
    """Which face of the collection writes simplified characters."""
    path = font_path()
    for index in range(_MOST_FACES):
        try:
            family, _ = ImageFont.truetype(str(path), 12, index=index).getname()
        except OSError:
            break
        if family and family.split()[-1] == _SIMPLIFIED:
            return index
    return 0


@lru_cache(maxsize=64)
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(font_path()), size * _FINE, index=_face())
    with suppress(OSError):  # a font of the system may have one weight only
        font.set_variation_by_axes([weight])
    return font


def _width(text: str, size: int) -> float:
    return _font(size, _TITLE_WEIGHT).getlength(text) / _FINE


def _fitting(lines: Sequence[str]) -> int:
    """The largest size at which every line has its place."""
    room = _RIGHT - _LEFT
    sizes = range(_LARGEST, _SMALLEST, -2)
    return next((size for size in sizes if all(_width(line, size) <= room for line in lines)), _SMALLEST)


def _ground(colours: Colours) -> Image.Image:
    """The ground: one colour running into the other, aslant."""
    return _shades(colours).resize((WIDTH * _FINE, HEIGHT * _FINE), Image.Resampling.BILINEAR)


@lru_cache(maxsize=len(COLOURS))
def _shades(colours: Colours) -> Image.Image:
    """The ground in small."""
    small = Image.new("RGB", (_SHADES, _SHADES))
    for x in range(_SHADES):
        for y in range(_SHADES):
            part = (x * 1.4 + y * 0.6) / (2 * (_SHADES - 1))
            shades = (round(a + (b - a) * part) for a, b in zip(colours.first, colours.last, strict=True))
            small.putpixel((x, y), tuple(shades))
    return small


def _draw_mark(draw: ImageDraw.ImageDraw, mark: str, colours: Colours) -> None:
    """A toothed wheel that rises out of rings, the mark in its middle."""
    for radius, strength in ((330, 10), (262, 14), (200, 18)):
        draw.ellipse(_box(_CENTRE, radius), fill=(255, 255, 255, strength))
    draw.polygon(_wheel(_CENTRE, 134, 116), fill=(*colours.accent, 255))
    draw.ellipse(_box(_CENTRE, 100), fill=(*colours.last, 255))
    draw.ellipse(_box(_CENTRE, 92), outline=(*colours.accent, 150), width=2 * _FINE)
    font = _font(104 if len(mark) == 1 else 64, _TITLE_WEIGHT)
    draw.text(_scaled(_CENTRE), mark, font=font, fill=(*colours.ink, 255), anchor="mm")


def _draw_title(draw: ImageDraw.ImageDraw, lines: Sequence[str], name: str, colours: Colours) -> None:
    size = _fitting(lines)
    step = size * _LINE
    top = (HEIGHT - step * len(lines) - _BELOW) / 2
    for number, line in enumerate(lines):
        middle = top + step * (number + 0.5)
        draw.text(
            _scaled((_LEFT, middle)), line, font=_font(size, _TITLE_WEIGHT), fill=(*colours.ink, 255), anchor="lm"
        )
    below = top + step * len(lines) + 16
    draw.rectangle((*_scaled((_LEFT + 2, below)), *_scaled((_LEFT + 58, below + 5))), fill=(*colours.accent, 255))
    font = _font(_NAME_SIZE, _NAME_WEIGHT)
    draw.text(_scaled((_LEFT, below + 46)), name, font=font, fill=(*colours.ink, 225), anchor="lm")


def _wheel(centre: tuple[float, float], outer: float, inner: float) -> list[tuple[float, float]]:
    """The outline of a toothed wheel."""
    points = []
    for tooth in range(_TEETH):
        for part, radius in ((-0.30, inner), (-0.20, outer), (0.20, outer), (0.30, inner)):
            angle = 2 * pi * (tooth + part) / _TEETH - pi / 2
            points.append(_scaled((centre[0] + radius * cos(angle), centre[1] + radius * sin(angle))))
    return points


def _scaled(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] * _FINE, point[1] * _FINE


def _box(centre: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    x, y = centre
    return (*_scaled((x - radius, y - radius)), *_scaled((x + radius, y + radius)))
