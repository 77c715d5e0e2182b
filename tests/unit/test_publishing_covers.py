"""Covers drawn by the program."""

from io import BytesIO

import pytest
from PIL import Image

from bot import covers
from bot.covers import COLOURS, SQUARE, DrawnCovers, NoFont
from bot.publishing.posts import Tone

LINES = ("年底前", "把工资要到手")
PAINTER = DrawnCovers("工")


def painted(lines: tuple[str, ...] = LINES, tone: str = "red", name: str = "菏泽市总工会") -> Image.Image:
    image = Image.open(BytesIO(PAINTER.paint(lines, tone, name)))
    image.load()
    return image


def brightness(image: Image.Image, x: int, y: int) -> int:
    colour = image.convert("RGB").getpixel((x, y))
    assert isinstance(colour, tuple)
    return sum(colour)


def test_a_cover_is_a_jpeg_of_the_size_and_weight_that_wechat_takes() -> None:
    data = PAINTER.paint(LINES, "red", "菏泽市总工会")
    image = Image.open(BytesIO(data))
    assert (image.format, image.size, len(data) < 1_000_000) == ("JPEG", (900, 383), True)


def test_the_same_words_give_the_same_bytes() -> None:
    first = PAINTER.paint(LINES, "blue", "菏泽市总工会")
    assert DrawnCovers("工").paint(list(LINES), "blue", "菏泽市总工会") == first
    assert PAINTER.paint(("年底前",), "blue", "菏泽市总工会") != first


def test_every_tone_has_colours_of_its_own() -> None:
    assert set(COLOURS) == {tone.value for tone in Tone}
    assert len({painted(tone=tone).getpixel((5, 5)) for tone in COLOURS}) == len(COLOURS)


def test_letters_stand_out_from_every_ground() -> None:
    """The contrast of large text, WCAG AA: 3 to 1; the name is smaller and gets 4.5."""

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [part / 255 for part in colour]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colours in COLOURS.values():
        lightest = max(luminance(colours.first), luminance(colours.last))
        assert (luminance(colours.ink) + 0.05) / (lightest + 0.05) >= 4.5


@pytest.mark.parametrize(
    "lines",
    [("一二三四五六七八九十", "一二三四五六七八九十"), ("WWWWWWWWWW", "iiii"), ("长" * 20,)],
    ids=["ten", "wide", "too-long"],
)
def test_the_title_never_runs_into_the_mark_or_out_of_the_picture(lines: tuple[str, ...]) -> None:
    """Twenty characters are more than `check` lets through: even they stay left of the wheel."""
    image, empty = painted(lines), painted(())
    beside = [(x, y) for x in range(552, 572) for y in range(383)]
    assert [at for at in beside if abs(brightness(image, *at) - brightness(empty, *at)) > 60] == []


def test_no_words_are_no_fault() -> None:
    assert painted((), name="").size == (900, 383)


def test_the_square_is_a_square() -> None:
    left, top, right, bottom = SQUARE
    assert round((right - left) * 900) == round((bottom - top) * 383) == 383


def test_characters_are_drawn_in_the_simplified_face_and_none_is_a_box() -> None:
    font = covers._font(40, 700)
    assert font.getname()[0] == "Noto Sans CJK SC"
    boxes = bytes(font.getmask("\U0010fffd"))
    assert all(bytes(font.getmask(char)) != boxes for char in "菏泽郓鄄单县曹欠薪龘")


def test_without_any_font_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    covers.font_path.cache_clear()
    monkeypatch.setattr(covers, "FONT_PACKAGE", "no_such_package_of_fonts")
    monkeypatch.setattr(covers, "SYSTEM_FONTS", ("/nowhere/a.ttc",))
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        covers.font_path()
    covers.font_path.cache_clear()
