"""Reading one YAML file of `content/complaints/`: its value, or a fault that names the file."""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.safe_yaml import SafeLoader


class _Loader(SafeLoader):
    """YAML in which a name that stands twice is a fault: the later one would silently win."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [(loader.construct_object(key, deep=True), key.start_mark.line + 1) for key, _ in node.value]
    seen: set[Any] = set()
    for name, line in pairs:
        if name in seen:
            raise ValueError(f"line {line}: {name} stands twice")
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> Any:
    """The value of the file. Raises ContentError when it cannot be read or is no YAML."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader, only stricter
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([f"{path}: cannot be read ({type(error).__name__})"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ContentError([f"{path}:{mark.line + 1 if mark else 1}: {problem}"]) from None
    except (ValueError, TypeError, RecursionError) as error:  # a date such as 2026-13-40
        raise ContentError([f"{path}: {error}"]) from None
