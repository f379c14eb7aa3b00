"""Who may import whom, where SQL lives, and how long things may be (docs: the design, sections 3 and 9)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("geo", "importers", "maps", "api", "clients", "bench")
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_ROUTE = 400, 40, 10
DATABASE = {"sqlalchemy", "psycopg", "geoalchemy2", "alembic"}
# Reading clocks, settings and files is for the rooms around the core.
IMPURE = {
    *("os", "pathlib", "io", "tempfile", "shutil", "glob", "fcntl", "socket", "subprocess", "threading", "asyncio"),
    *("time", "random", "secrets", "uuid", "logging", "urllib", "http", "requests", "httpx", "pyogrio", "pyarrow"),
    *("click", "rich", "fastapi", "starlette", "uvicorn", "pydantic", "folium", "openpyxl", "zipfile", "csv"),
}
CLOCKS = {"now", "utcnow", "today"}


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Yield module and name of every import, also those inside functions; the name is None for ``import module``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def imports_of(path: Path) -> set[str]:
    """Return all imported modules; ``from geo import store`` counts as ``geo.store``."""
    return {f"{module}.{name}" if name else module for module, name in imported(parsed(path))}


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_store(path: Path) -> bool:
    return (ROOT / "geo" / "store") in path.parents


CORE = [path for path in modules("geo") if not is_store(path)]
STORE = [path for path in modules("geo") if is_store(path)]


def breaches(paths: list[Path], *forbidden: str, allowed: tuple[str, ...] = ()) -> dict[str, list[str]]:
    found = {
        named(path): sorted(
            name for name in imports_of(path) if within(name, *forbidden) and not within(name, *allowed)
        )
        for path in paths
    }
    return {name: wrong for name, wrong in found.items() if wrong}


def test_there_is_something_to_look_at():
    assert len(CORE) > 20
    assert len(STORE) > 10


def test_the_core_imports_none_of_our_other_rooms():
    assert breaches(CORE, "geo.store", "importers", "maps", "api") == {}


def test_the_core_does_no_io_and_reads_no_settings():
    # messages/__init__ loads its own modules by name, nothing else.
    assert breaches(CORE, *IMPURE) == {}


def test_the_core_reads_no_clock():
    found = [
        f"{named(path)}:{node.lineno}"
        for path in CORE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    found += [
        f"{named(path)}:{node.lineno}"
        for path in CORE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}
    ]
    assert found == []


def test_the_store_and_the_maps_import_the_core_only():
    assert breaches(STORE, "importers", "maps", "api") == {}
    assert breaches(modules("maps"), "geo.store", "importers", "api") == {}


def test_importers_import_the_core_and_the_store():
    assert breaches(modules("importers"), "maps", "api") == {}


def test_nothing_imports_the_doors():
    assert breaches(modules("geo", "importers", "maps"), "api") == {}


def test_sql_lives_in_the_store():
    """Elsewhere only the types of connections and of what gives them are named; questions go through the store."""
    elsewhere = [path for path in modules("geo", "importers", "maps", "api") if not is_store(path)]
    assert breaches(elsewhere, *DATABASE, allowed=("sqlalchemy.Connection", "sqlalchemy.Engine")) == {}


def test_long_statements_stand_in_files():
    """A statement of more than three lines has a file of its own."""
    found = []
    for path in STORE:
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text"):
                continue
            if node.args and (node.args[0].end_lineno or 0) - node.args[0].lineno >= 3:
                found.append(f"{named(path)}:{node.lineno}")
    assert found == []


def test_every_statement_file_begins_with_its_contract():
    files = sorted((ROOT / "geo" / "store").rglob("*.sql"))
    assert files
    assert [named(path) for path in files if not path.read_text("utf-8").startswith("-- ")] == []


def test_no_module_is_too_long():
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in modules(*ROOMS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function, its signature included and its docstring not."""
    first = node.body[0]
    docstring = 0 if ast.get_docstring(node) is None else (first.end_lineno or 0) - first.lineno + 1
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its signature and docstring: a route's signature is its documentation."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_is_too_long():
    found = {
        f"{named(path)}:{node.lineno} {node.name}": code_lines(node)
        for path in modules(*ROOMS)
        for node in functions(path)
        if code_lines(node) > LONGEST_FUNCTION
    }
    assert found == {}


def is_route(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and isinstance(each.func.value, ast.Name)
        and each.func.value.id == "router"
        for each in node.decorator_list
    )


def test_a_route_parses_calls_and_returns():
    routes = [(path, node) for path in modules("api/routes") for node in functions(path) if is_route(node)]
    assert len(routes) >= 10
    found = {
        f"{named(path)}:{node.lineno} {node.name}": body_lines(node)
        for path, node in routes
        if body_lines(node) > LONGEST_ROUTE
    }
    assert found == {}


@pytest.mark.parametrize("word", ["util", "helper", "manager", "common", "misc"])
def test_no_file_is_named_after_nothing(word):
    assert [named(path) for path in modules(*ROOMS) if word in path.stem.lower()] == []
