"""The floors of the house: who may import what, inside functions and under TYPE_CHECKING too."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "fcn_gui"
FLOORS: dict[str, tuple[set[str], set[str]]] = {  # floor: (floors it may import, third parties it adds)
    "core": (set(), {"numpy", "PIL", "cv2", "scipy"}),
    "disk": ({"core"}, {"safetensors", "platformdirs"}),
    "net": ({"core", "disk"}, {"torch", "torchvision"}),
    "learn": ({"core", "disk", "net"}, set()),
    "session": ({"core", "disk"}, set()),
    "qt": ({"core", "disk", "session"}, {"PySide6"}),
    "widgets": ({"core", "session", "qt"}, set()),
}
ROOF = {"app", "cli", "__main__"}
STANDARD = set(__import__("sys").stdlib_module_names)


def _modules() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if "data" not in p.relative_to(PACKAGE).parts]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _floor(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _third_parties(floor: str) -> set[str]:
    below, own = FLOORS[floor]
    return own.union(*(_third_parties(other) for other in below))


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_floor_may(path: Path) -> None:
    floor = _floor(path)
    if floor in ROOF:
        return
    if floor == "__init__":
        assert not _imports(path)
        return
    assert floor in FLOORS, f"{floor} has no floor"
    for name in _imports(path):
        top, _, rest = name.partition(".")
        if top == "fcn_gui":
            assert rest.split(".")[0] in FLOORS[floor][0] | {floor, "__version__"}, f"{path} imports {name}"
        else:
            assert top in STANDARD | _third_parties(floor), f"{path} imports {name}"


def test_packages_are_empty_but_for_the_version() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        assert path.parent == PACKAGE or not path.read_text("utf-8").strip(), path


def _own_imports(modules: dict[str, Path]) -> dict[str, set[str]]:
    graph = {}
    for name, path in modules.items():
        targets = set()
        for imported in _imports(path):
            for candidate in (imported, imported.rpartition(".")[0]):
                if candidate in modules and candidate != name:
                    targets.add(candidate)
        graph[name] = targets
    return graph


def test_no_module_imports_itself_round_a_corner() -> None:
    modules = {"fcn_gui." + ".".join(p.relative_to(PACKAGE).with_suffix("").parts): p for p in _modules()}
    graph, done = _own_imports(modules), set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join((*above, name))
        if name not in done:
            for target in graph[name]:
                visit(target, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())
