"""YAML with the line of every value, for faults that an editor can find."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import yaml

from bot.errors import ContentError
from bot.safe_yaml import SafeLoader

Step = str | int


class Marked:
    """A YAML document: its value, and where each part of it begins."""

    def __init__(self, name: str, value: Any, node: yaml.Node | None, first_line: int) -> None:
        self.name = name
        self.value = value
        self._node = node
        self._first_line = first_line

    @cached_property
    def _lines(self) -> dict[tuple[Step, ...], int]:
        return dict(_walk(self._node, (), self._first_line)) if self._node is not None else {}

    def line(self, *path: Step) -> int:
        """The line of that part, or of the nearest part around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, self._first_line)

    def fault(self, what: str, *path: Step) -> str:
        """The fault, with file and line."""
        return f"{self.name}:{self.line(*path)}: {what}"


def load_marked(text: str, name: str, first_line: int = 1) -> Marked:
    """Read YAML text that begins on that line of a file. Raises ContentError with file and line."""
    try:
        loader = SafeLoader(text)
        try:
            node = loader.get_single_node()
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ContentError([f"{name}:{(mark.line if mark else 0) + first_line}: {problem}"]) from None
    except (ValueError, RecursionError) as error:  # a date such as 2026-13-40; brackets without end
        raise ContentError([f"{name}:{first_line}: {type(error).__name__}: {error}"]) from None
    return Marked(name, value, node, first_line)


def _walk(node: yaml.Node, path: tuple[Step, ...], first_line: int) -> Iterator[tuple[tuple[Step, ...], int]]:
    yield path, node.start_mark.line + first_line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            # the line of the key: a block value begins on the next line
            yield (*path, str(key.value)), key.start_mark.line + first_line
            yield from list(_walk(value, (*path, str(key.value)), first_line))[1:]
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _walk(value, (*path, number), first_line)
