"""The one list of tables is whole."""

from pathlib import Path

from bot.store import schema


def test_every_module_of_tables_is_named() -> None:
    """One that is not named is there or not by who imported what before."""
    modules = {path.stem for path in Path(schema.__file__).parent.glob("*tables.py")}
    assert modules == {name for name in vars(schema) if name.endswith("tables")}
