"""QR codes as drawings that stand in a page: no picture is fetched, nothing is written. The only module with segno."""

import io

import segno

from bot.complaints.receipts import Receipt

BORDER = 4
"""White around the code, in modules: what readers need."""


def receipt_qr(receipt: Receipt, *, title: str) -> str:
    """The receipt for the worker's own eyes, as SVG: its sixteen digits and nothing else, no address."""
    return qr_svg(receipt.reveal(), title=title)


def qr_svg(text: str, *, title: str, scale: int = 5) -> str:
    """A code as an SVG element, black on white whatever the page's colours. title: what it is, read out.

    Raises ValueError for what does not fit into a code.
    """
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(scale=scale, border=BORDER, dark="#000", light="#fff", title=title, omitsize=False)


def qr_png(text: str, *, scale: int = 8) -> bytes:
    """A code as a PNG picture, for channels that send pictures. Raises ValueError for what does not fit."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=BORDER)
    return out.getvalue()
