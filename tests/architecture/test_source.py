"""Rules of the house that can be checked by reading the source."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel
from typer.main import get_command

from bot.cli import app
from bot.settings import SECRETS, Settings
from tests.architecture.source import PROGRAM, called, literals, modules, name_of, tree_of
from tests.builders import ROOT

LONGEST_MODULE = 400
EVERYTHING = (*PROGRAM, ROOT / "tests")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
TELLING_FIELDS = {
    "text", "message", "content", "question", "answer", "said", "body", "reply", "name", "sender", "openid", "phone",
    "token", "secret", "key", "url", "query", "ip", "user", "exception", "error", "memory", "receipt",
}  # fmt: skip
"""Fields that would hold what people say, who they are, or a credential."""

EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
SQL = re.compile(r"^\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|ALTER TABLE|PRAGMA)\b")


def test_no_module_is_longer_than_can_be_taken_in() -> None:
    lengths = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in modules(*EVERYTHING)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def log_calls(path: Path) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.func.attr in LEVELS
    ]


@pytest.mark.parametrize("path", [p for p in modules(*PROGRAM) if log_calls(p)], ids=name_of)
def test_a_log_line_is_an_event_with_fields_that_tell_nothing_of_people(path: Path) -> None:
    for call in log_calls(path):
        where = f"{name_of(path)}:{call.lineno}"
        event = call.args[0] if call.args else None
        assert isinstance(event, ast.Constant), f"{where}: the event is a fixed name, never built"
        assert EVENT.fullmatch(str(event.value)), f"{where}: {event.value} is not of the form part.happened"
        assert len(call.args) == 1, f"{where}: values go into fields"
        fields = {keyword.arg for keyword in call.keywords if keyword.arg}
        assert fields & TELLING_FIELDS == set(), where


def test_sql_is_written_in_the_store_only() -> None:
    elsewhere = [path for path in modules(*PROGRAM) if not path.is_relative_to(ROOT / "bot" / "store")]
    assert {name_of(path): text for path in elsewhere for text in literals(path) if SQL.search(text)} == {}


def test_every_exception_from_the_rules_says_why() -> None:
    """`noqa` and `type: ignore` name the rule and the reason."""
    bare = []
    for path in modules(*PROGRAM):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            noqa = re.search(r"# noqa(?P<rest>.*)$", line)
            if noqa and not re.match(r": [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* (- |# )\S", noqa["rest"]):
                bare.append(f"{name_of(path)}:{number}: {line.strip()}")
            ignore = re.search(r"# type: ignore(?P<rest>.*)$", line)
            if ignore and not re.match(r"\[[a-z-]+(, ?[a-z-]+)*\]  # \S", ignore["rest"]):
                bare.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert bare == []


def test_no_test_sleeps() -> None:
    """Time is turned by hand; `asyncio.sleep(0)` only lets other tasks run."""
    sleeping = []
    for path in modules(ROOT / "tests"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and called(node) == "sleep" and "benchmarks" not in path.parts:
                argument = node.args[0] if node.args else None
                if not (isinstance(argument, ast.Constant) and argument.value == 0):
                    sleeping.append(f"{name_of(path)}:{node.lineno}")
    assert sleeping == []


def setting_paths(model: type[BaseModel], prefix: str = "") -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            paths += [(name, *rest) for rest in setting_paths(inner)]
        else:
            paths.append((name,))
    return paths


def shipped_sections() -> dict[str, str]:
    """The text of each top-level part of config.yaml, with what is commented out."""
    sections: dict[str, str] = {}
    current = ""
    for line in (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines():
        top = re.match(r"#? ?([a-z_]+):", line)
        if top:
            current = top[1]
        sections[current] = sections.get(current, "") + line + "\n"
    return sections


def test_every_setting_stands_in_the_shipped_configuration() -> None:
    """Set or commented out with its default: an operator finds there what can be set."""
    sections = shipped_sections()
    absent = [
        ".".join(path)
        for path in setting_paths(Settings)
        if not re.search(rf"(^|[ #]){path[-1]}:", sections.get(path[0], ""), re.MULTILINE)
    ]
    assert absent == []


def test_what_is_commented_out_in_the_shipped_configuration_is_the_default() -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    shown = re.sub(r"^(\s*)# ?([a-z_]+:)", r"\1\2", text, flags=re.MULTILINE)
    shown = "\n".join(line for line in shown.splitlines() if not line.lstrip().startswith("#"))
    example = Settings.model_validate(yaml.safe_load(shown))
    assert example.backup == Settings.model_fields["backup"].get_default(call_default_factory=True)
    assert example.wechat.model_copy(update={"original_id": ""}) == type(example.wechat)()


def test_every_secret_is_told_of_where_an_operator_looks() -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8") + (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in SECRETS if name not in text] == []


def test_every_command_says_what_it_does() -> None:
    silent = []

    def walk(command: object, path: str) -> None:
        if not getattr(command, "help", None):
            silent.append(path)
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}")

    walk(get_command(app), "gonghui")
    assert silent == []


def test_every_lint_exception_of_the_project_says_why() -> None:
    """Each ignored rule in pyproject.toml has its reason beside it, or is one of a group that has."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = tomllib.loads(text)["tool"]["ruff"]["lint"]["ignore"]
    lines = {match[1]: match[2] for match in re.finditer(r'^\s+"([A-Z]+[0-9]*)",\s*(#.*)?$', text, re.MULTILINE)}
    assert [rule for rule in ignored if not lines.get(rule)] == []
