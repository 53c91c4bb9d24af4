"""The page about the architecture names what is there, and the core path is as short as it says."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "canvas_events_cli"
README = (PACKAGE / "README.md").read_text()
NAMES = sorted(set(re.findall(r"`([a-z_]+(?:\.\w+)*)`", README)))
TOP = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
MOST_LINES = 6_000


def resolve(name: str) -> object:
    """Return what *name* is: a module of the package, or something in one. Raises AttributeError, ImportError."""
    parts = name.split(".")
    module = import_module(f"canvas_events_cli.{parts.pop(0)}")
    while parts and hasattr(module, "__path__") and find_spec(f"{module.__name__}.{parts[0]}"):
        module = import_module(f"{module.__name__}.{parts.pop(0)}")
    found: object = module
    for part in parts:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", [name for name in NAMES if name.split(".")[0] in TOP])
def test_names_are_there(name: str) -> None:
    resolve(name)


def test_names_of_modules_and_what_is_in_them_are_of_the_package() -> None:
    assert [name for name in NAMES if "." in name and name.split(".")[0] not in TOP] == ["pyproject.toml"]


def test_every_package_is_in_the_table_of_layers() -> None:
    table = README[README.index("## What may import what") : README.index("## Words")]
    packages = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} - {"regex"}
    assert packages - set(re.findall(r"`(\w+)`", table)) == set()


def test_the_core_path_is_short() -> None:
    section = README[README.index("## The core path") : README.index("## What may import what")]
    modules = [name for name in re.findall(r"`([a-z_.]+)`", section) if name.split(".")[0] in TOP]
    files = [PACKAGE / f"{name.replace('.', '/')}.py" for name in modules]
    lines = sum(len(path.read_text().splitlines()) for path in files)
    assert lines <= MOST_LINES
    assert not any("fast" in name for name in modules)
