"""The search for planted texts finds them however they were written, and nothing else."""

import base64
import json
import random
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.needles import Haystack, Needle, files_under, search

WORD, PHONE, RECEIPT = "麤龘靐齉爩鱻灪籱", "13812345678", "1234567890123456"

WRITTEN = {
    "utf-8": str.encode,
    "utf-16 little": lambda text: text.encode("utf-16-le"),
    "utf-16 big": lambda text: text.encode("utf-16-be"),
    "gb18030": lambda text: text.encode("gb18030"),
    "hex": lambda text: text.encode().hex().encode(),
    "upper hex": lambda text: text.encode().hex().upper().encode(),
    "hex of utf-16": lambda text: text.encode("utf-16-le").hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
    "json": lambda text: json.dumps({"said": text}).encode(),
    "bytes as python shows them": lambda text: repr(text.encode()).encode(),
    "url": lambda text: quote(text).encode(),
    "url, lower": lambda text: quote(text).lower().encode(),
    "url, twice": lambda text: quote(quote(text)).encode(),
}


@pytest.mark.parametrize("text", [WORD, PHONE, RECEIPT], ids=["word", "phone", "receipt"])
@pytest.mark.parametrize("way", WRITTEN)
def test_planted_text_is_found_however_it_was_written(way: str, text: str) -> None:
    hay = Haystack(random.Random(1), [Needle("planted", text)])
    hay.mark = text[:4]
    content = b"\x00\x17before" + WRITTEN[way](text) + b"behind\xff"
    assert [needle.stage for needle in hay.found_in(content)] == ["planted"]


@given(before=st.binary(max_size=40), behind=st.binary(max_size=40))
def test_planted_text_is_found_in_the_base64_of_whatever_holds_it(before: bytes, behind: bytes) -> None:
    hay = Haystack(random.Random(2))
    hay.word("planted")
    text = hay.needles[0].text.encode()
    assert hay.found_in(base64.b64encode(before + text + behind))
    assert hay.found_in(base64.urlsafe_b64encode(before + text + behind))


@pytest.mark.parametrize("shown", ["1234 5678 9012 3456", "1234-5678-9012-3456"])
def test_receipt_is_found_as_it_is_grouped(shown: str) -> None:
    hay = Haystack(random.Random(3), [Needle("planted", RECEIPT)])
    assert hay.found_in(f"凭证{shown}".encode())


def test_other_words_with_the_same_mark_are_not_taken_for_one_another() -> None:
    hay = Haystack(random.Random(4))
    first = hay.word("first")
    while hay.word("second") == first:
        hay.needles.pop()
    assert [needle.stage for needle in hay.found_in(first.encode())] == ["first"]


def test_what_was_not_planted_is_not_found(tmp_path: Path) -> None:
    hay = Haystack(random.Random(5))
    for make in (hay.word, hay.name, hay.phone, hay.code, hay.receipt):
        make("planted")
    (tmp_path / "noise").write_bytes(random.Random(6).randbytes(200_000))
    hits, looked_at = search(hay, files_under(tmp_path))
    assert (hits, looked_at) == ([], 200_000)


def test_text_is_found_in_the_name_of_a_file(tmp_path: Path) -> None:
    hay = Haystack(random.Random(7))
    (tmp_path / f"{hay.word('planted')}.jpg").write_bytes(b"")
    assert [hit.stage for hit in search(hay, files_under(tmp_path))[0]] == ["planted"]
