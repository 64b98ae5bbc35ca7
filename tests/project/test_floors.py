"""The building stands: a module imports only from the floors below it, and what is heavy only when it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "minigrad"

# From the ground up. On one floor, a part may look at those named before it, but where the floor says `apart`.
FLOORS = [
    ["device", "dtype", "random", "interrupt", "winograd", "kernels", "printing", "explain"],
    ["apart", "ops", "graph"],
    ["tensor", "functions", "linalg", "recorded", "autograd", "creation", "serialization"],
    ["apart", "nn", "optim", "data"],
    ["models", "train", "cifar10"],
    ["check", "view", "study", "grade"],
]
FLOOR_OF = {part: number for number, floor in enumerate(FLOORS, start=1) for part in floor if part != "apart"}
FREE = {"__init__", "__main__"}  # the front doors lead to every floor

ON_USE = {"cupy", "PIL", "platformdirs", "safetensors", "threadpoolctl", "tqdm"}  # may be missing: never at import
TOP_FLOOR_ONLY = {"anywidget", "ipywidgets", "IPython", "matplotlib", "nbclient", "nbformat", "torch"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def part_of(path):
    """The part of the building a file belongs to: minigrad/ops/image.py is in `ops`."""
    return name_of(path).split(".")[0]


def imports(path):
    """Every import in a file, as (dotted name, whether it runs when the module is imported)."""
    package = ["minigrad", *path.relative_to(PACKAGE).parts[:-1]]

    def walk(node, at_import):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, at_import) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                above = package[: len(package) - child.level + 1] if child.level else []
                base = ".".join(above + ([child.module] if child.module else []))
                yield from ((f"{base}.{alias.name}", at_import) for alias in child.names)
            else:
                yield from walk(child, at_import and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    return list(walk(ast.parse(path.read_text(encoding="utf-8")), True))


def parts_used(path):
    """The parts of minigrad that a file imports, anywhere in it; "" is minigrad itself, by its front door."""
    names = [name.split(".") for name, _ in imports(path)]
    ours = [name[1:] for name in names if name[0] == "minigrad"]
    return {name[0] if name and name[0] in FLOOR_OF else "" for name in ours}


def packages_used(path, at_import=None):
    """The packages from outside that a file imports: all, or those imported with the module or not."""
    return {
        name.split(".")[0]
        for name, when in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {"minigrad"} and at_import in (None, when)
    }


def is_below(part, other):
    """Whether `part` may be used by `other`."""
    if FLOOR_OF[part] != FLOOR_OF[other] or part == other:
        return FLOOR_OF[part] <= FLOOR_OF[other]
    floor = FLOORS[FLOOR_OF[part] - 1]
    return "apart" not in floor and floor.index(part) < floor.index(other)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_lower_floors(path):
    part = part_of(path)
    if part in FREE:
        return
    assert part in FLOOR_OF, f"{part} has no floor yet: give it one in FLOORS"

    used = parts_used(path)
    if FLOOR_OF[part] < FLOOR_OF["models"]:
        assert "" not in used, f"{name_of(path)} is under the front door, and cannot come in by it"
    above = {other for other in used - {""} if not is_below(other, part)}
    assert not above, f"{name_of(path)} (floor {FLOOR_OF[part]}) looks up to {above}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_core_is_numpy_and_the_standard_library(path):
    if FLOOR_OF.get(part_of(path)) == 6:
        return
    assert packages_used(path, at_import=True) <= {"numpy"}
    assert packages_used(path, at_import=False) <= {"numpy"} | ON_USE


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name != "chapters"], ids=name_of)
def test_a_module_holds_one_idea_and_fits_in_500_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def loaded_by(statement):
    """The top-level names of all modules that a fresh Python has loaded after `statement`."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_importing_minigrad_loads_numpy_and_nothing_else():
    with_numpy = loaded_by("import numpy.random")

    assert loaded_by("import minigrad") - with_numpy <= set(sys.stdlib_module_names) | {"minigrad"}


@pytest.mark.parametrize("part", [part for part in FLOORS[-1] if (PACKAGE / part).exists()])
def test_the_top_floor_loads_its_heavy_libraries_only_on_use(part):
    assert not loaded_by(f"import minigrad.{part}") & (ON_USE | TOP_FLOOR_ONLY)
