"""Rules about the code itself, read from its source: what may import what, and what no module may do."""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import is_dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "site_gen"
ORDER = """
problems fingerprint yaml_text fields config sources text papers vocabulary markup library citations.records
citations.latex citations.bibtex citations.ris citations.csl citations.line contexts metadata feeds exports pages themes
output workers search build serve init cli __main__
""".split()
# Modules that a build never reaches may ask the clock and the network: the preview, the start of a list, the command line.
RIM = ("serve", "init", "cli", "__main__")
PATHS = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py"
}
MODULES = list(PATHS)
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in PATHS.items()}


def imports(tree: ast.AST) -> set[str]:
    """Return the names of all modules that are imported anywhere in a module, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_its_place_in_the_order() -> None:
    assert set(MODULES) == set(ORDER)


def test_the_docs_tell_the_same_order() -> None:
    docs = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
    assert re.findall(r"^\| `([\w.]+)` \|", docs, re.MULTILINE) == [name for name in ORDER if name != "__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    own = {origin(found) for found in imports(TREES[name]) if found.startswith("site_gen.")}
    before = ORDER[: ORDER.index(name)]
    packages = {found.rpartition(".")[0] for found in own if "." in found}  # from a package come its modules
    assert own - packages <= {*before, "__version__"}


def origin(imported: str) -> str:
    """Return which module an import comes from: itself, or the one that it is a name in."""
    name = imported.removeprefix("site_gen.")
    return name if name in MODULES or name.rpartition(".")[0] not in MODULES else name.rpartition(".")[0]


def test_a_package_is_its_modules_and_imports_none_of_them() -> None:
    """Else a module would import all its neighbours by its own name."""
    for path in PACKAGE.rglob("*/__init__.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(tree) and len(tree.body) == 1, path


@pytest.mark.parametrize("name", MODULES)
def test_no_module_uses_a_shell_or_pickles(name: str) -> None:
    assert not {found.split(".")[0] for found in imports(TREES[name])} & {"pickle", "marshal", "shelve"}
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.keyword) and node.arg == "shell":
            pytest.fail(f"line {node.value.lineno}: shell=")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("os.system", "os.popen", "eval", "exec"), f"line {node.lineno}: {called}"


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(RIM)))
def test_a_build_knows_no_network_and_no_clock(name: str) -> None:
    network = {"socket", "ssl", "http.client", "urllib.request", "httpx", "requests", "aiohttp", "asyncio"}
    assert not imports(TREES[name]) & (network | {"random", "secrets", "uuid", "tempfile.mktemp"})
    source = PATHS[name].read_text("utf-8")
    assert not re.findall(r"\btime\.time\w*\(|datetime\.now|date\.today|localtime|strftime", source)


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Return the public functions and classes of a module and the public functions of its public classes."""
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_a_module_and_what_is_public_in_it_have_docstrings(name: str) -> None:
    if name != "__main__":
        assert (ast.get_docstring(TREES[name]) or "").count("\n") >= 2, "what question does it answer?"
    assert [node.name for node in public(TREES[name]) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(RIM)))
def test_values_are_frozen(name: str) -> None:
    module = importlib.import_module(f"site_gen.{name}")
    for kind in vars(module).values():
        if isinstance(kind, type) and kind.__module__ == module.__name__ and is_dataclass(kind):
            assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]


def test_values_that_pages_are_made_of_have_slots() -> None:
    """Those with a mapping or a cached property in them have not; there are few of each."""
    with_dict = set()
    for name in ORDER[: ORDER.index("pages") + 1]:
        for kind in vars(importlib.import_module(f"site_gen.{name}")).values():
            if isinstance(kind, type) and kind.__module__ == f"site_gen.{name}" and is_dataclass(kind):
                with_dict |= {kind.__name__} - ({kind.__name__} if "__slots__" in vars(kind) else set())
    assert with_dict == {"Library", "Vocabulary"}


@pytest.mark.parametrize("name", MODULES)
def test_long_functions_are_rare(name: str) -> None:
    """A function fits on a screen."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno < 80, f"{node.name} has {node.end_lineno - node.lineno} lines"
