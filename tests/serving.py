"""Real server processes for tests and benchmarks."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import load_configuration
from tests.builders import ROOT
from tests.once import LentVectors
from tests.server import READY


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def a_server(config: Path, environ: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server process with that configuration, once it accepts requests. Its log goes to a file."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GONGHUI_")}
    vectors = load_configuration(config, environ).settings.data_dir / "vectors"
    LentVectors.lend(vectors)
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.server"],
            cwd=ROOT,
            env={**plain, **environ, "GONGHUI_CONFIG": str(config), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield Server(f"http://127.0.0.1:{_port_of(process, log)}", process)
        LentVectors.keep(vectors)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _port_of(process: subprocess.Popen[str], log: Path) -> int:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(READY):
            return int(line.removeprefix(READY))
    raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")
