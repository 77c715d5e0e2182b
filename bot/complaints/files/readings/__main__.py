"""Copy one file from standard input to standard output, within limits: one line of JSON, then the copy."""

import importlib
import json
import resource
import sys

from bot.complaints.files.kinds import FileRefused
from bot.complaints.files.signatures import FileKind

MOST_MEMORY = 1_500 * 2**20
MOST_SECONDS = 20


def main() -> None:
    """Read, copy, answer. Loads only what this kind of file needs."""
    kind = FileKind[sys.argv[1]]
    module = "documents" if kind is FileKind.PDF else "pictures"
    copier = importlib.import_module(f"bot.complaints.files.readings.{module}")
    side = {"longest_side": int(sys.argv[2])} if kind is not FileKind.PDF and sys.argv[2:] else {}
    content = sys.stdin.buffer.read()
    _limit()
    fault, copied = "", None
    try:
        copied = copier.copy(content, kind, **side)
    except FileRefused as refused:
        fault = refused.fault.value
    body, media_type = copied or (b"", "")
    header = json.dumps({"fault": fault, "media_type": media_type})
    sys.stdout.buffer.write(header.encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def _limit() -> None:
    for what, most in {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_FSIZE: 0,  # nothing is written to any file
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,  # and nothing is started
    }.items():
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
