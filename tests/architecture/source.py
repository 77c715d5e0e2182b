"""Reading our own source for the rules that tests can check."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.builders import ROOT

PROGRAM = (ROOT / "bot", ROOT / "handlers")


def modules(*folders: Path) -> Iterator[Path]:
    """The Python files below the folders."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*.py") if "node_modules" not in path.parts)


def name_of(path: Path) -> str:
    """The file as it is called in messages."""
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def literals(path: Path) -> Iterator[str]:
    """The texts in the code of a module; docstrings and comments are none."""
    tree = tree_of(path)
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def called(node: ast.Call) -> str:
    """The last part of what is called: `log.info(...)` -> info."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
