"""Files made to keep whoever looks at them busy: what they are is said at once, or that they are nothing."""

import struct
import time
from collections.abc import Callable

import pytest

from bot.complaints.files.signatures import recognise

SIZE = 10_000_000
SECONDS = 0.5


def a_directory_of_many_parts() -> bytes:
    part = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = SIZE // len(part)
    before = b"PK\x03\x04" + bytes(26)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(part) * count, len(before), 0)
    return before + part * count + end


def a_film_of_many_boxes() -> bytes:
    return struct.pack(">I4s4s", 16, b"ftyp", b"isom") + bytes(4) + struct.pack(">I4s", 8, b"free") * (SIZE // 8)


def a_film_of_many_brands() -> bytes:
    start = struct.pack(">I4s4s", SIZE - 8, b"ftyp", b"isom")
    return start + bytes(SIZE - 20) + struct.pack(">I4s", 8, b"moov")


@pytest.mark.parametrize("make", [a_directory_of_many_parts, a_film_of_many_boxes, a_film_of_many_brands])
def test_a_file_of_millions_of_parts_keeps_nobody_waiting(make: Callable[[], bytes]) -> None:
    content = make()
    began = time.process_time()
    recognise(content)
    assert time.process_time() - began < SECONDS
