"""The revision of the base: one digest over the digests of its entries."""

import hashlib
from collections.abc import Mapping


def base_revision(digests: Mapping[str, str]) -> str:
    """Equal for equal content, whatever the database and the order."""
    return hashlib.sha256("\n".join(f"{t} {d}" for t, d in sorted(digests.items())).encode()).hexdigest()
