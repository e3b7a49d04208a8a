"""What may know what, where import contracts cannot say it; and how light the start is."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import logreport

PACKAGE = Path(__file__).parent.parent / "logreport"
MODULES = sorted(PACKAGE.rglob("*.py"), key=str)

HEAVY = {
    "duckdb",
    "duckdb_sqlalchemy",
    "jinja2",
    "msgspec",
    "numpy",
    "pandas",
    "plotly",
    "pluggy",
    "psycopg2",
    "sqlalchemy",
}
DRIVERS = {"duckdb", "duckdb_sqlalchemy", "psycopg2"}
DATABASES = {"duckdb", "postgresql", "dialect"}


def _inside(path: Path, *rooms: str) -> bool:
    place = path.relative_to(PACKAGE)
    return place.parts[0] in rooms or str(place) in rooms


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def _strings(path: Path) -> Iterator[str]:
    """String constants that a program acts on: not docstrings, not text for readers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    talk = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in talk:
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_databases_and_the_reader_import_a_driver(path: Path):
    allowed: set[str] = set()
    if _inside(path, "databases"):
        allowed = DRIVERS
    elif _inside(path, "reading"):
        allowed = {"duckdb"}  # it parses and checks logs for every database
    assert set(_imports(path)) & DRIVERS - allowed == set()


@pytest.mark.parametrize(
    "path",
    # `testing` names one of each kind, to hold a metric to all of them; `store` the default, `cli` explains URLs.
    [path for path in MODULES if not _inside(path, "databases", "cli", "store.py", "testing.py")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_database_is_named_only_where_databases_differ(path: Path):
    named = [text for text in _strings(path) if text.lower() in DATABASES or "://" in text]
    assert [text for text in named if any(name in text.lower() for name in DATABASES)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_imports_click(path: Path):
    assert _inside(path, "cli") or "click" not in set(_imports(path))


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["report", "--help"], ["ingest", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(words: list[str]):
    script = (
        "import atexit, json, sys\n"
        "from logreport.cli import main\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        f"main({words!r}, prog_name='logreport')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {name.split(".")[0] for name in json.loads(done.stderr)} & HEAVY == set()


@pytest.mark.parametrize(
    "path",
    sorted(PACKAGE.glob("metrics/[a-z]*.py")) + sorted(PACKAGE.glob("sources/[a-z]*.py")),
    ids=lambda path: path.stem,
)
def test_built_in_plugins_import_what_a_stranger_would(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    private = [name for name in inner if name.startswith("logreport.") and name != "logreport.testing"]
    assert private == []
    asked = {name.name for node in ast.walk(tree) if _from_the_face(node) for name in node.names}
    assert asked <= set(logreport.__all__)


def _from_the_face(node: ast.AST) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == "logreport"


def test_every_public_name_is_there():
    assert [name for name in logreport.__all__ if getattr(logreport, name, None) is None] == []


def test_every_module_can_be_imported():
    for found in pkgutil.walk_packages([str(PACKAGE)], "logreport."):
        importlib.import_module(found.name)


def test_no_room_is_called_after_nothing():
    assert {path.stem for path in MODULES} & {"utils", "util", "common", "core", "helpers", "misc"} == set()
