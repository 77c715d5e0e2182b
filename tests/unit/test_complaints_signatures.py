"""What a file is, its content says: kinds that are taken, disguises, and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.files.kinds import (
    LONGEST_NAME,
    FileFault,
    FileRefused,
    check_content,
    clean_name,
    download_name,
    fault_words,
)
from bot.complaints.files.signatures import FileKind, has_macros, kind_named, recognise
from bot.wording import load_wording
from tests.builders import ROOT
from tests.evidence import AMR, a_docx, a_jpeg, a_pdf, a_picture, an_archive, an_mp3, an_mp4

TAKEN = {
    "jpeg": (a_jpeg(), FileKind.JPEG),
    "png": (a_picture("PNG"), FileKind.PNG),
    "gif": (a_picture("GIF"), FileKind.GIF),
    "webp": (a_picture("WEBP"), FileKind.WEBP),
    "bmp": (a_picture("BMP"), FileKind.BMP),
    "heic": (an_mp4(b"heic").replace(b"moov", b"meta"), FileKind.HEIC),
    "pdf": (a_pdf(), FileKind.PDF),
    "docx": (a_docx(), FileKind.DOCX),
    "xlsx": (an_archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), FileKind.XLSX),
    "amr": (AMR, FileKind.AMR),
    "mp3": (an_mp3(), FileKind.MP3),
    "mp3_with_tag": (b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10) + an_mp3(), FileKind.MP3),
    "m4a": (an_mp4(b"M4A "), FileKind.M4A),
    "wav": (b"RIFF" + (36).to_bytes(4, "little") + b"WAVE" + bytes(32), FileKind.WAV),
    "mp4": (an_mp4(), FileKind.MP4),
    "mov": (an_mp4(b"qt  "), FileKind.MOV),
    "3gp": (an_mp4(b"3gp5"), FileKind.THREE_GP),
}

NOT_TAKEN = {
    "program": b"MZ\x90\x00" + bytes(200),
    "elf": b"\x7fELF" + bytes(200),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "archive": an_archive({"photo.jpg": b"x"}),
    "java": an_archive({"META-INF/MANIFEST.MF": b"", "Main.class": b""}),
    "pdf_behind_something": b"<script>1</script>" + a_pdf(),
    "zip_behind_something": b"#!/bin/sh\n" + a_docx(),
    "text": "老板不发工资".encode(),
    "bitmap_by_two_letters": b"BM is how this text begins" + bytes(40),
    "film_cut_off": an_mp4(whole=False),
    "film_of_no_brand": an_mp4(b"xxxx"),
    "one_frame_sync": b"\xff\xfb\x90\x00" + bytes(40),
    "riff_of_something": b"RIFF" + (20).to_bytes(4, "little") + b"AVI " + bytes(40),
    "old_office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
}


@pytest.mark.parametrize(("content", "kind"), TAKEN.values(), ids=TAKEN.keys())
def test_each_kind_is_known_by_its_content(content: bytes, kind: FileKind) -> None:
    assert recognise(content) is kind
    assert kind_named(kind.media_type) is kind


def test_every_kind_has_an_example() -> None:
    assert {kind for _, kind in TAKEN.values()} == set(FileKind)


@pytest.mark.parametrize("content", NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_everything_else_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        check_content(content)
    assert caught.value.fault is FileFault.KIND


def test_nothing_and_too_much_are_refused_for_what_they_are() -> None:
    for content, fault in ((b"", FileFault.EMPTY), (a_jpeg() + bytes(100), FileFault.TOO_LARGE)):
        with pytest.raises(FileRefused) as caught:
            check_content(content, most=len(a_jpeg()))
        assert caught.value.fault is fault


@given(content=st.binary(max_size=400))
def test_looking_at_anything_never_fails(content: bytes) -> None:
    assert recognise(content) in {None, *FileKind}


@given(content=st.binary(max_size=200), start=st.sampled_from([c[:24] for c, _ in TAKEN.values()]))
def test_looking_at_what_begins_right_and_goes_wrong_never_fails(content: bytes, start: bytes) -> None:
    assert recognise(start + content) in {None, *FileKind}


def test_documents_with_macros_or_other_files_inside_are_seen() -> None:
    assert not has_macros(a_docx())
    for name in (
        "word/vbaProject.bin",
        "word/embeddings/oleObject1.bin",
        "xl/macrosheets/sheet1.xml",
        "word/activeX/a.xml",
    ):
        assert has_macros(a_docx(**{name: b"x"})), name


def test_a_document_that_unpacks_to_too_much_is_none() -> None:
    assert recognise(a_docx(**{"word/media/a": bytes(201 * 2**20)})) is None


NAMES = {
    "photo.jpg": "photo.jpg",
    "/etc/passwd": "passwd",
    "C:\\Users\\wang\\工资条.png": "工资条.png",
    "..": "",
    "invoice\u202egpj.exe": "invoicegpj.exe",
    "a\x00b\r\nc.pdf": "abc.pdf",
    'x<y>:"|?*.pdf': "xy.pdf",
    "": "",
}


@pytest.mark.parametrize(("given", "kept"), NAMES.items())
def test_a_name_loses_folders_and_what_deceives(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@given(name=st.text(max_size=300))
def test_no_name_is_long_or_leads_elsewhere(name: str) -> None:
    kept = clean_name(name)
    assert len(kept) <= LONGEST_NAME
    assert not set("/\\\x00\r\n") & set(kept)
    assert clean_name(kept) == kept


def test_a_file_is_handed_out_under_the_suffix_of_its_content() -> None:
    """合同.pdf.exe sent as evidence must not become a program on a cadre's desk."""
    assert download_name("工资条.JPG", FileKind.JPEG, otherwise="1") == "工资条.JPG"
    assert download_name("photo.pdf", FileKind.JPEG, otherwise="1") == "photo.pdf.jpg"
    assert download_name("setup.exe", FileKind.PDF, otherwise="1") == "setup.exe.pdf"
    assert download_name("", FileKind.PDF, otherwise="ab12") == "ab12.pdf"


def test_every_fault_has_its_words() -> None:
    words = load_wording(ROOT / "content" / "replies")
    assert all(words(fault_words(fault)) for fault in FileFault)
