"""Who may import whom: the contracts of pyproject.toml, and that no module escapes them."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import PROGRAM, modules
from tests.builders import ROOT

CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERS: list[str] = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def test_the_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_every_module_has_its_place_in_the_layers() -> None:
    """A module that no layer names is bound by no rule."""
    named = [part.strip(" ()") for layer in LAYERS for part in layer.replace("|", ":").split(":")]
    homeless = []
    for path in modules(*PROGRAM):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module != "bot" and not any(module == name or module.startswith(f"{name}.") for name in named):
            homeless.append(module)
    assert homeless == []


BROKEN = {
    "a handler that knows a framework": ("handlers/menu.py", "import fastapi"),
    "a handler that knows a channel": ("handlers/menu.py", "import bot.channels.wechat.parse"),
    "a capability that knows the store": ("bot/answers/base.py", "import bot.store.tables"),
    "a rule that knows a library": ("bot/answers/outcome.py", "import numpy"),
    "a channel that knows the site": ("bot/channels/wechat/parse.py", "import bot.site.routes"),
    "a channel that knows another": ("bot/channels/terminal/render.py", "import bot.channels.wechat.parse"),
    "operations that know the program": ("bot/ops/health.py", "import bot.app"),
    "sql outside the store": ("bot/ops/backup.py", "import sqlite3"),
    "a second home of the scheduler": ("bot/ops/jobs.py", "import apscheduler"),
    "strangers' files decoded in our own process": (
        "bot/complaints/files/isolation.py",
        "import bot.complaints.files.readings.pictures",
    ),
    "a second home of pillow": ("bot/complaints/files/kinds.py", "import PIL"),
    "a second home of segno": ("bot/site/pages.py", "import segno"),
    "a second home of jieba": ("bot/site/pages.py", "import jieba"),
    "a second home of wechatpy": ("bot/site/pages.py", "import wechatpy"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("file", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_a_breach_of_each_rule_is_noticed(tmp_path: Path, file: str, line: str) -> None:
    """Contracts that cannot fail would pass for ever."""
    for folder in PROGRAM:
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    module = tmp_path / file
    module.write_text(module.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
