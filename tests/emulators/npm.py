"""Servers and libraries that others wrote: npm packages, installed once and kept beside pytest's own cache."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

TELEGRAM = {"telegram-test-api": "4.2.1"}


def unavailable(reason: str) -> None:
    """Skip on a laptop that lacks something; CI has to have it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def npm_modules(config: pytest.Config, name: str, packages: Mapping[str, str]) -> Path:
    """A folder with these packages, by name and version."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("Node.js and npm are not installed")
    assert config.cache is not None
    folder = Path(config.cache.mkdir(name))
    if not all((folder / "node_modules" / package / "package.json").exists() for package in packages):
        wanted = [f"{package}@{version}" for package, version in packages.items()]
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *wanted]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
        if installed.returncode:
            unavailable(f"npm cannot install {' '.join(wanted)}: {installed.stderr[-300:]}")
    return folder / "node_modules"


@contextmanager
def node_server(script: Path, modules: Path, *arguments: str) -> Iterator[str]:
    """The address of a server on this machine that says `listening PORT` when it is there."""
    process = subprocess.Popen(
        ["node", "--no-deprecation", str(script), *arguments],
        env={**os.environ, "NODE_PATH": str(modules)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().split()
        assert said[:1] == ["listening"], said
        yield f"http://127.0.0.1:{said[1]}"
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()
