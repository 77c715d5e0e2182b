"""Files as workers send them, and as they should not: made by hand, so that a test shows what is wrong with its own."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

PLACE = (35.0, 14.0, 1.0)
DEVICE = "SECRETPHONE-9"
LATITUDE_NAME, EXIF_GPS, EXIF_MAKE, EXIF_TURNED = "N", 0x8825, 0x010F, 0x0112


def a_jpeg(size: tuple[int, int] = (320, 240), *, exif: bool = True, turned: int = 6) -> bytes:
    """A photo with the place where it was taken, the camera, and turned as phones write it."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    marks = Image.Exif()
    if exif:
        marks[EXIF_TURNED] = turned
        marks[EXIF_MAKE] = DEVICE
        place = marks.get_ifd(EXIF_GPS)
        place[1], place[2], place[3], place[4] = LATITUDE_NAME, PLACE, "E", (115.0, 28.0, 2.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=marks, comment=DEVICE.encode() if exif else b"")
    return out.getvalue()


def a_picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small picture of that kind, half transparent where the kind can be."""
    mode = "RGB" if kind in ("BMP", "JPEG") else "RGBA"
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 30, 128)[: len(mode)]).save(out, kind)
    return out.getvalue()


def a_png_that_claims(width: int, height: int, packed: bytes = b"") -> bytes:
    """A PNG with those dimensions in its header, whatever it holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def a_bomb() -> bytes:
    """A picture of a few kilobytes that wants gigabytes: 40,000 by 40,000 dots, all of them black."""
    return a_png_that_claims(40_000, 40_000, zlib.compress(bytes(4_000_000), 9))


def a_pdf(*, script: bool = False, author: str = "", attached: bytes = b"", opens_at: bool = False) -> bytes:
    """A PDF of one page."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    if author:
        pdf.docinfo["/Author"] = author
    if attached:
        pdf.attachments["inside.bin"] = attached
    if script:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('1')")
    if opens_at:
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def a_pdf_with_action(action: str, *, on_page: bool = True) -> bytes:
    """A PDF that does something when its page is shown, or in an annotation's chain of actions."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    acts = pikepdf.Dictionary(S=pikepdf.Name(action), F="calc.exe", JS="1")
    if on_page:
        page.obj.AA = pikepdf.Dictionary(O=acts)
    else:
        going = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org", Next=pikepdf.Array([acts]))
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=going)
        page.obj.Annots = pikepdf.Array([pdf.make_indirect(link)])
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def an_archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def a_docx(**more: bytes) -> bytes:
    return an_archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **more})


def an_mp4(brand: bytes = b"isom", *, whole: bool = True) -> bytes:
    """A film of three boxes; not whole: the last one says that it is longer than it is."""

    def box(name: bytes, content: bytes, more: int = 0) -> bytes:
        return struct.pack(">I", 8 + len(content) + more) + name + content

    start = box(b"ftyp", brand + bytes(4) + brand)
    return start + box(b"moov", bytes(64)) + box(b"mdat", bytes(128), more=0 if whole else 1000)


def an_mp3(frames: int = 5) -> bytes:
    """Silent frames of MPEG 1 layer III, 128 kbit/s, 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * frames


AMR = b"#!AMR\n" + bytes(64)
