"""A worker with a browser who files a complaint and follows it."""

import re
from dataclasses import dataclass
from io import BytesIO

import httpx
from PIL import Image

STORY = "我在工地做钢筋工，说好每月结账，从七月到现在一分没给"
PHONE = "13812345678"
NAME = "张小满"


def what_is_typed(**changes: str) -> dict[str, str]:
    """A form without faults, as somebody with little patience fills it in."""
    typed = {
        "confidentiality": "confidential",
        "category": "wage",
        "narrative": STORY,
        "since": "七月份",
        "employed": "yes",
        "people": "二十多人",
        "money": "一万二",
        "wish": "把工资结清",
        "employer": "某某建筑劳务公司",
        "district": "mudan",
        "name": NAME,
        "phone": PHONE,
        "agree": "1",
        "step": "check",
    }
    return {name: text for name, text in {**typed, **changes}.items() if text}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def digits_on(page: str) -> str:
    """The receipt that stands on a page."""
    found = re.search(r'<p class="digits" data-digits>(.*?)</p>', page)
    assert found, "no receipt"
    return re.sub(r"[^0-9]", "", found[1])


def a_photo(place: bytes = b"") -> bytes:
    """A small picture; `place` stands in its metadata."""
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=b"Exif\x00\x00" + place if place else b"")
    return out.getvalue()


@dataclass(frozen=True)
class Filed:
    """What filing gave."""

    receipt: str
    page: str
    draft: str


async def file_complaint(
    client: httpx.AsyncClient, files: list[tuple[str, bytes]] | None = None, **changes: str
) -> Filed:
    """Fill in the form, check it and confirm; the page with the receipt."""
    draft = hidden((await client.get("/complain")).text, "draft")
    parts = [("files", (name, content)) for name, content in files or []]
    checked = await client.post("/complain", data={**what_is_typed(**changes), "draft": draft}, files=parts or None)
    assert "核对一下" in checked.text, checked.text
    filed = await client.post("/complain", data={**what_is_typed(**changes), "draft": draft, "step": "file"})
    assert filed.status_code == 303, filed.text
    page = (await client.get(filed.headers["location"])).text
    return Filed(digits_on(page), page, draft)


async def show_receipt(client: httpx.AsyncClient, receipt: str) -> str:
    """Type the receipt; the page that it leads to."""
    response = await client.post("/track", data={"receipt": receipt}, follow_redirects=True)
    return response.text
