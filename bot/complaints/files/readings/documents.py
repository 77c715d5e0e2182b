"""PDF without metadata and attachments; one that holds a script or starts anything gets no copy at all."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import pikepdf

from bot.complaints.files.kinds import FileFault, FileRefused
from bot.complaints.files.signatures import FileKind

MOST_OBJECTS = 200_000

_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/RichMedia", "/Launch"})
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/RichMediaExecute",
        "/Movie",
        "/Sound",
    }
)


def copy(content: bytes, _kind: FileKind) -> tuple[bytes, str] | None:
    """The PDF without metadata and attachments; None for one that is locked or starts something.

    Raises FileRefused for what is damaged.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted or _is_active(pdf):
                return None
            _forget(pdf)
            out = io.BytesIO()
            pdf.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, linearize=False)
    except pikepdf.PasswordError:
        return None
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError, TypeError, KeyError):
        raise FileRefused(FileFault.DAMAGED) from None
    return out.getvalue(), FileKind.PDF.media_type


def _is_active(pdf: Any) -> bool:
    objects = list(pdf.objects)
    if len(objects) > MOST_OBJECTS:
        raise FileRefused(FileFault.HUGE)
    return any(_acts(inner) for thing in [*objects, pdf.trailer] for inner in _within(thing))


def _within(thing: Any) -> Iterator[Any]:
    """A dictionary and those that stand in it directly; what it refers to comes by itself."""
    waiting = [thing]
    first = True
    while waiting:
        inner = waiting.pop()
        if not first and isinstance(inner, pikepdf.Object) and inner.is_indirect:
            continue
        first = False
        if isinstance(inner, (pikepdf.Dictionary, pikepdf.Stream)):
            dictionary = inner.stream_dict if isinstance(inner, pikepdf.Stream) else inner
            yield dictionary
            waiting += [value for _, value in dictionary.items()]
        elif isinstance(inner, pikepdf.Array):
            waiting += list(inner)


def _acts(dictionary: Any) -> bool:
    if _ACTIVE_KEYS & set(dictionary.keys()) and not _only_opens_a_page(dictionary):
        return True
    return str(dictionary.get("/S", "")) in _ACTIVE_ACTIONS


def _only_opens_a_page(dictionary: Any) -> bool:
    """Most programs write into a PDF at which page it opens: that starts nothing."""
    if _ACTIVE_KEYS & set(dictionary.keys()) != {"/OpenAction"}:
        return False
    action = dictionary["/OpenAction"]
    return isinstance(action, pikepdf.Array) or (
        isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) == "/GoTo" and "/Next" not in action
    )


def _forget(pdf: Any) -> None:
    with contextlib.suppress(KeyError):
        del pdf.trailer["/Info"]
    for name in ("/Metadata", "/AF", "/PieceInfo", "/Collection"):
        if name in pdf.Root:
            del pdf.Root[name]
    for name in list(pdf.attachments):
        del pdf.attachments[name]
    for page in pdf.pages:
        for name in ("/Metadata", "/PieceInfo", "/AF", "/Thumb"):
            if name in page.obj:
                del page.obj[name]
