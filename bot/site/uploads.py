"""Forms that bring files: read into memory, never written to a temporary file of the system.

What somebody sends as evidence must not lie in the clear on a disk, not even for the length of a request.
A file that is too large is dropped while it arrives and named, so that everything else of the form is kept.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

BAD_REQUEST, BUSY = 400, 503
MOST_PARTS = 80
LONGEST_HEADER = 2000


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent; `too_large` ones have lost their content."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The fields of a form, each with all its values in order, and its files."""

    values: Mapping[str, tuple[str, ...]] = field(repr=False)
    files: tuple[Upload, ...] = field(default=(), repr=False)

    def last(self, name: str) -> str:
        """The last value of a field; empty when it was not sent."""
        return self.values.get(name, ("",))[-1]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return self.values.get(name, ())


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much is read: files and bytes of each, bytes of each other field."""

    files: int
    file_bytes: int
    field_bytes: int = 64 * 1024


TEXT_LIMITS = UploadLimits(files=0, file_bytes=0)
"""Of forms that bring no files."""


class UploadGate:
    """Lets so many large forms be read into memory at a time, and few of them from one source.

    Small ones pass at once, so that slow uploads never keep anybody from filing.
    """

    def __init__(self, *, at_once: int = 6, of_one: int = 2, small: int = 256 * 1024, seconds: float = 600) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._of_one = of_one
        self._small = small
        self._seconds = seconds
        self._sources: Counter[str] = Counter()

    @asynccontextmanager
    async def enter(self, request: Request, source: str) -> AsyncIterator[None]:
        """Wait for a place, and give it back. Raises HTTPException 503 when there is none or it takes too long."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) <= self._small:
            yield
            return
        if self._sources[source] >= self._of_one:
            raise HTTPException(BUSY, headers={"Retry-After": "30"})
        self._sources[source] += 1
        try:
            async with asyncio.timeout(self._seconds), self._places:
                yield
        except TimeoutError:
            raise HTTPException(BUSY, headers={"Retry-After": "30"}) from None
        finally:
            self._sources[source] -= 1
            self._sources += Counter()  # forgets who has nothing under way


async def read_upload_form(request: Request, limits: UploadLimits) -> UploadForm:
    """The fields and files of a form, sent as multipart or not. Raises HTTPException 400 for what is no form.

    Empty file fields are left out; files beyond the number that is read count as too large.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        return await _read_multipart(request, options.get(b"boundary", b""), limits)
    if kind == b"application/x-www-form-urlencoded":
        return await _read_urlencoded(request, limits)
    raise HTTPException(BAD_REQUEST)


async def _read_urlencoded(request: Request, limits: UploadLimits) -> UploadForm:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.field_bytes * 4:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARTS, errors="strict")
    except ValueError:
        raise HTTPException(BAD_REQUEST) from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return UploadForm({name: tuple(texts) for name, texts in values.items()})


async def _read_multipart(request: Request, boundary: bytes, limits: UploadLimits) -> UploadForm:
    reader = _Reader(limits)
    try:
        parser = python_multipart.MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin_part,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.end_header,
                "on_headers_finished": reader.begin_content,
                "on_part_data": reader.content,
                "on_part_end": reader.end_part,
            },
        )
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
        return reader.form()
    except (FormParserError, UnicodeDecodeError):
        raise HTTPException(BAD_REQUEST) from None


class _Reader:
    """Collects the parts of a multipart body as the parser finds them."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._values: dict[str, list[str]] = {}
        self._files: list[Upload] = []
        self._parts = 0
        self._begin()

    def _begin(self) -> None:
        self._header, self._header_text = bytearray(), bytearray()
        self._name, self._file_name = b"", b""
        self._is_file = self._too_large = False
        self._content = bytearray()

    def begin_part(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormParserError("too many parts")
        self._begin()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_header()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_text += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header) + len(self._header_text) > LONGEST_HEADER:
            raise FormParserError("header too long")

    def end_header(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._header_text))
            self._name = options.get(b"name", b"")
            self._is_file = b"filename" in options
            self._file_name = options.get(b"filename", b"")
        self._header, self._header_text = bytearray(), bytearray()

    def begin_content(self) -> None:
        self._too_large = self._is_file and len(self._files) >= self._limits.files

    def content(self, data: bytes, start: int, end: int) -> None:
        most = self._limits.file_bytes if self._is_file else self._limits.field_bytes
        if len(self._content) + end - start > most:
            if not self._is_file:
                raise FormParserError("field too long")
            self._too_large = True
        if self._too_large:
            self._content = bytearray()
        else:
            self._content += data[start:end]

    def end_part(self) -> None:
        if not self._is_file:
            self._values.setdefault(self._name.decode(), []).append(self._content.decode())
        elif self._content or self._too_large:
            name = self._file_name.decode(errors="replace")
            self._files.append(Upload(name, bytes(self._content), self._too_large))
        self._content = bytearray()

    def form(self) -> UploadForm:
        return UploadForm({name: tuple(texts) for name, texts in self._values.items()}, tuple(self._files))
