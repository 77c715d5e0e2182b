"""Copies for reading, made by the real process: what is in them, what never is, and what gets none."""

import io

import pikepdf
import pytest
from PIL import Image

from bot.complaints.files import isolation
from bot.complaints.files.isolation import IsolatedReader, Reading
from bot.complaints.files.kinds import FileFault, FileRefused
from bot.complaints.files.signatures import FileKind, recognise
from tests.evidence import (
    AMR,
    DEVICE,
    a_bomb,
    a_docx,
    a_jpeg,
    a_pdf,
    a_pdf_with_action,
    a_picture,
    a_png_that_claims,
    an_archive,
    an_mp4,
)


@pytest.fixture(scope="module")
def reader() -> IsolatedReader:
    return IsolatedReader()


async def read(reader: IsolatedReader, content: bytes) -> Reading | None:
    kind = recognise(content)
    assert kind is not None
    return await reader.read(content, kind)


async def copied(reader: IsolatedReader, content: bytes) -> bytes:
    reading = await read(reader, content)
    assert reading is not None
    return reading.content


async def refused(reader: IsolatedReader, content: bytes) -> FileFault:
    with pytest.raises(FileRefused) as caught:
        await read(reader, content)
    return caught.value.fault


async def test_where_and_with_what_a_photo_was_taken_is_not_in_the_copy(reader: IsolatedReader) -> None:
    """The place of a photo can name the worker who took it."""
    original = a_jpeg()
    assert DEVICE.encode() in original
    copy = await copied(reader, original)
    with Image.open(io.BytesIO(copy)) as picture:
        assert dict(picture.getexif()) == {}
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(picture.info)
    assert DEVICE.encode() not in copy
    assert b"Exif" not in copy


async def test_a_photo_is_turned_as_the_camera_was_held(reader: IsolatedReader) -> None:
    with Image.open(io.BytesIO(await copied(reader, a_jpeg((320, 240), turned=6)))) as picture:
        assert picture.size == (240, 320)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
async def test_every_kind_of_picture_becomes_one_that_browsers_show(reader: IsolatedReader, kind: str) -> None:
    reading = await read(reader, a_picture(kind))
    assert reading is not None
    assert reading.media_type == "image/jpeg"
    assert recognise(reading.content) is FileKind.JPEG


async def test_a_large_photo_is_made_smaller(reader: IsolatedReader) -> None:
    with Image.open(io.BytesIO(await copied(reader, a_jpeg((6000, 4000))))) as picture:
        assert max(picture.size) == 2560


async def test_a_bomb_is_refused_before_it_unpacks(reader: IsolatedReader) -> None:
    assert len(a_bomb()) < 20_000
    assert await refused(reader, a_bomb()) is FileFault.HUGE


async def test_huge_dimensions_are_refused_whatever_the_file_holds(reader: IsolatedReader) -> None:
    for width, height in ((60_000, 60_000), (2**31 - 1, 2), (1, 2**31 - 1), (7100, 7100)):
        assert await refused(reader, a_png_that_claims(width, height)) is FileFault.HUGE


@pytest.mark.parametrize(
    "content",
    [
        a_jpeg()[:600],
        a_png_that_claims(100, 100),
        b"GIF89a rubbish",
        b"\xff\xd8\xff\xe0" + bytes(90),
        b"%PDF-1.7 rubbish",
    ],
    ids=["cut_off", "empty_png", "gif", "jpeg", "pdf"],
)
async def test_what_cannot_be_decoded_is_damaged(reader: IsolatedReader, content: bytes) -> None:
    assert await refused(reader, content) is FileFault.DAMAGED


POLYGLOTS = {
    "archive": an_archive({"run.exe": b"MARKED"}),
    "page": b"<script>MARKED</script>",
    "java": an_archive({"META-INF/MANIFEST.MF": b"MARKED"}),
    "film": an_mp4() + b"MARKED",  # as phones do that record a moment around the photo
}


@pytest.mark.parametrize("tail", POLYGLOTS.values(), ids=POLYGLOTS.keys())
async def test_what_hangs_on_a_picture_is_not_in_the_copy(reader: IsolatedReader, tail: bytes) -> None:
    copy = await copied(reader, a_jpeg() + tail)
    assert b"MARKED" not in copy
    assert b"PK\x03\x04" not in copy


async def test_a_gif_that_is_a_script_as_well_leaves_the_script_behind(reader: IsolatedReader) -> None:
    content = bytearray(a_picture("GIF"))
    content += b"/*" + b"MARKED" + b"*/=1;"
    assert b"MARKED" not in await copied(reader, bytes(content))


async def test_a_document_loses_who_wrote_it_and_what_is_attached(reader: IsolatedReader) -> None:
    copy = await copied(reader, a_pdf(author="Zhang San", attached=b"MARKED" * 50))
    assert b"Zhang" not in copy
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert len(pdf.pages) == 1
        assert not pdf.attachments
        assert "/Info" not in pdf.trailer


async def test_a_document_that_says_at_which_page_it_opens_is_harmless(reader: IsolatedReader) -> None:
    assert await read(reader, a_pdf(opens_at=True)) is not None


async def test_a_document_with_a_script_gets_no_copy_to_be_shown(reader: IsolatedReader) -> None:
    assert await read(reader, a_pdf(script=True)) is None


@pytest.mark.parametrize("action", ["/JavaScript", "/Launch", "/SubmitForm", "/GoToE", "/Rendition"])
@pytest.mark.parametrize("on_page", [True, False], ids=["page", "chained"])
async def test_a_document_that_starts_something_gets_no_copy(
    reader: IsolatedReader, action: str, on_page: bool
) -> None:
    assert await read(reader, a_pdf_with_action(action, on_page=on_page)) is None


async def test_a_locked_document_gets_no_copy(reader: IsolatedReader) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert await read(reader, out.getvalue()) is None


@pytest.mark.parametrize("content", [a_docx(), AMR, an_mp4()], ids=["docx", "amr", "mp4"])
async def test_other_kinds_are_not_decoded_at_all(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation.subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert await read(IsolatedReader(), content) is None


async def test_a_file_that_takes_too_long_is_refused() -> None:
    assert await refused(IsolatedReader(seconds=0.001), a_jpeg()) is FileFault.HUGE


async def test_the_process_sees_no_secret_and_cannot_write(
    reader: IsolatedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What decodes hostile files is told where the code is, and nothing else."""
    monkeypatch.setenv("GONGHUI_KEYS", "a-secret")
    assert "GONGHUI_KEYS" not in isolation._environment()
    assert "a-secret" not in " ".join(isolation._environment().values())
