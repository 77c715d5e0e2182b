"""Vectors of texts kept on disk, so that a changed entry costs only its own phrasings.

The files are a cache: they may be deleted at any time and are keyed by the encoder's
fingerprint, since vectors of different builds are not to be mixed.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import structlog

from bot.answers.encoders import Encoder, Vectors

log = structlog.get_logger(__name__)

_SAVE_EVERY = 512


class VectorCache:
    """Encodes texts through an encoder, remembering what it has seen in `<folder>/<fingerprint>.npz`."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._path = folder / f"{encoder.fingerprint}.npz"
        self._known: dict[str, Vectors] | None = None

    def missing(self, texts: Sequence[str]) -> int:
        """How many of the texts would have to be encoded."""
        known = self._load()
        return sum(_key(text) not in known for text in texts)

    def get(self, texts: Sequence[str], progress: Callable[[int, int], object] | None = None) -> Vectors:
        """One row a text. New vectors are saved as they come, so a restart goes on from there."""
        known = self._load()
        new = list({_key(text): text for text in texts if _key(text) not in known}.items())
        for start in range(0, len(new), _SAVE_EVERY):
            batch = new[start : start + _SAVE_EVERY]
            for part in range(0, len(batch), 32):
                piece = batch[part : part + 32]
                vectors = self._encoder.encode([text for _, text in piece])
                known.update(zip((key for key, _ in piece), vectors, strict=True))
                if progress:
                    progress(start + part + len(piece), len(new))
            self._save(known)
        if not texts:
            return np.zeros((0, self._encoder.dimensions), np.float32)
        return np.stack([known[_key(text)] for text in texts])

    def keep_only(self, texts: Sequence[str]) -> None:
        """Forget the vectors of all other texts."""
        known = self._load()
        wanted = {_key(text) for text in texts}
        if set(known) - wanted:
            self._known = {key: vector for key, vector in known.items() if key in wanted}
            self._save(self._known)

    def _load(self) -> dict[str, Vectors]:
        if self._known is None:
            self._known = {}
            try:
                with self._path.open("rb") as file, np.load(file) as stored:
                    self._known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                pass  # absent or damaged: it is a cache
        return self._known

    def _save(self, known: dict[str, Vectors]) -> None:
        """Onto the disk; on a full one the vectors are used without being kept."""
        name = ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".part", delete=False) as draft:
                name = draft.name
                np.savez(draft, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
            Path(name).replace(self._path)
        except OSError as error:
            log.warning("vectors.not_saved", cause=type(error).__name__)
            if name:
                Path(name).unlink(missing_ok=True)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
