"""Forms with files: whole however they arrive, within limits, and never on a disk."""

import asyncio
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from bot.site.uploads import UploadForm, UploadGate, UploadLimits, read_upload_form

LIMITS = UploadLimits(files=2, file_bytes=1000, field_bytes=500)
MULTIPART = "multipart/form-data; boundary=x0x"


def part(name: str, content: bytes, file: str | None = None) -> bytes:
    named = f'; filename="{file}"' if file is not None else ""
    return f'--x0x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def a_request(body: bytes, kind: str, cuts: Sequence[int] = (), **headers: str) -> Request:
    edges = [0, *sorted(cuts), len(body)]
    chunks = iter([body[start:end] for start, end in pairwise(edges)])

    async def receive() -> Message:
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    sent = [(b"content-type", kind.encode()), *((name.encode(), text.encode()) for name, text in headers.items())]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": sent}, receive)


def read(body: bytes, kind: str = MULTIPART, cuts: Sequence[int] = ()) -> UploadForm:
    return asyncio.run(read_upload_form(a_request(body, kind, cuts), LIMITS))


BODY = (
    part("narrative", "三个月没发工资".encode())
    + part("pass_to", b"a")
    + part("pass_to", b"b")
    + part("files", b"\xff\xd8\r\n--x0 almost a boundary\r\n", "工资条.jpg")
    + part("files", b"", "")
    + b"--x0x--\r\n"
)


@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=12))
def test_a_form_is_read_alike_however_it_arrives(cuts: list[int]) -> None:
    form = read(BODY, cuts=cuts)
    assert form.last("narrative") == "三个月没发工资"
    assert form.all("pass_to") == ("a", "b")
    assert [(file.name, file.content) for file in form.files] == [
        ("工资条.jpg", b"\xff\xd8\r\n--x0 almost a boundary\r\n")
    ]


def test_a_form_without_files_is_read_as_well() -> None:
    form = read(b"receipt=1234+5678&q=%E5%B7%A5%E4%BC%9A&q=", "application/x-www-form-urlencoded")
    assert (form.last("receipt"), form.all("q")) == ("1234 5678", ("工会", ""))


def test_a_file_too_large_loses_its_content_and_nothing_else_is_lost() -> None:
    body = part("files", b"x" * 1001, "film.mp4") + part("narrative", b"kept") + b"--x0x--\r\n"
    form = read(body)
    assert [(file.name, file.content, file.too_large) for file in form.files] == [("film.mp4", b"", True)]
    assert form.last("narrative") == "kept"


def test_files_beyond_the_number_are_named_and_not_kept_in_memory() -> None:
    body = b"".join(part("files", b"x", f"{n}.jpg") for n in range(3)) + b"--x0x--\r\n"
    assert [(file.content, file.too_large) for file in read(body).files] == [(b"x", False), (b"x", False), (b"", True)]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/plain"),
        (b"", ""),
        (b"a=\xff", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (BODY, "multipart/form-data"),
        (BODY, "multipart/form-data; boundary=other"),
        (part("narrative", b"\xff") + b"--x0x--\r\n", MULTIPART),
        (part("narrative", b"x" * 501) + b"--x0x--\r\n", MULTIPART),
        (part("n" * 3000, b"") + b"--x0x--\r\n", MULTIPART),
        (part("n", b"") * 200 + b"--x0x--\r\n", MULTIPART),
    ],
)
def test_what_is_no_form_or_too_much_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(HTTPException) as refused:
        read(body, kind)
    assert refused.value.status_code == 400


def test_what_is_sent_never_lies_in_a_temporary_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence in the clear on a disk would outlive the request."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a temporary file")

    for name in ("SpooledTemporaryFile", "TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert read(BODY).files


async def test_one_source_cannot_take_all_places_and_small_forms_always_pass() -> None:
    gate = UploadGate(at_once=2, of_one=1, small=10)
    large = a_request(b"", MULTIPART, **{"content-length": "11"})
    small = a_request(b"", MULTIPART, **{"content-length": "10"})
    async with gate.enter(large, "one"):
        with pytest.raises(HTTPException) as refused:
            async with gate.enter(large, "one"):
                pass
        assert refused.value.status_code == 503
        async with gate.enter(large, "two"), gate.enter(small, "one"), gate.enter(small, "three"):
            pass
    async with gate.enter(large, "one"):
        pass


async def test_a_body_of_unknown_length_counts_as_large() -> None:
    gate = UploadGate(of_one=0)
    with pytest.raises(HTTPException):
        async with gate.enter(a_request(b"", MULTIPART), "one"):
            pass
