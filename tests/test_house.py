"""The house keeps its own rules: sizes, names, floors, five files a slug, a lock without addresses.

A limit that no test runs is decoration; each rule of `docs/architecture.md` that can be measured is
measured here.
"""

import ast
import json
import re
import statistics
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
PACKAGE = HOME / "kafkabook"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION_LINES = 40
PUBLIC_NAMES_PER_CLASS = 12
REACHED_ATTRIBUTES = 3  # `self.world.network.cause`: through a world and its network
ALL_COMMANDS = {"Lab", "World", "Network", "Simulation"}  # whose names are what can be done
WHOLE = {"PartitionLog", "Segment"}  # Kafka's UnifiedLog and LogSegment: one state, all its verbs
CALLED_ALIKE = {"Host", "Process"}  # may only shrink: two classes each
OF_KAFKA = {"ReplicaManager", "AlterPartitionManager", "LogManager"}
BANNED_FILE_NAMES = {"utils.py", "helpers.py", "util.py", "common.py", "misc.py"}
BUILT = (
    *("00_start_here", "01_events_and_the_log", "05_replication", "06_in_sync_replicas"),
    *("09_failure_and_recovery", "12_log_files"),
)


@cache
def source_of(path: Path) -> str:
    """Read a module once, for all tests of this file."""
    return path.read_text(encoding="utf-8")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Parse and walk a module once, for all tests of this file."""
    return tuple(ast.walk(ast.parse(source_of(path))))


@pytest.fixture(scope="module", autouse=True)
def _trees() -> Iterator[None]:
    """Give the trees back in the end: they take 90 MB, which later files should not carry."""
    yield
    nodes.cache_clear()


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Return every function and method of a module."""
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef))


def body_lines(function: ast.FunctionDef) -> int:
    """Count the lines of a body without its docstring."""
    first = function.body[0]
    told = isinstance(first, ast.Expr) and isinstance(getattr(first, "value", None), ast.Constant)
    body = function.body[1:] if told else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def relative(path: Path) -> str:
    """Name a file as a reader of the tree would."""
    return str(path.relative_to(HOME))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_shows_one_idea(path: Path) -> None:
    """Longest function, public names of a class: small enough to be read at once."""
    long = {f.name: n for f in functions(path) if (n := body_lines(f)) > LONGEST_FUNCTION_LINES}
    assert {} == long
    assert {} == _crowded_classes(path)
    assert path.name not in BANNED_FILE_NAMES


def _crowded_classes(path: Path) -> dict[str, int]:
    """Count public methods and properties; dataclass fields are data, not verbs."""
    counts = {
        node.name: sum(
            isinstance(part, ast.FunctionDef) and not part.name.startswith("_")
            for part in node.body
        )
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    }
    crowded = {name: n for name, n in counts.items() if n > PUBLIC_NAMES_PER_CLASS}
    return {name: n for name, n in crowded.items() if name not in ALL_COMMANDS | WHOLE}


def test_the_median_function_is_a_few_lines() -> None:
    """HTML templates and tables apart, a function is one sentence of thought."""
    lengths = [body_lines(function) for path in MODULES for function in functions(path)]
    assert statistics.median(lengths) <= 6


def test_no_class_is_called_manager_or_abstract() -> None:
    """Such names say that nobody knew what the thing was, unless they are Kafka's own."""
    names = [
        f"{relative(path)}: {node.name}"
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    ]
    found = [n for n in names if re.search(r"Manager|: Abstract|Helper|Util", n)]
    assert [] == [n for n in found if n.rpartition(" ")[2] not in OF_KAFKA]


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    """Walk every class of the package, with the module that it stands in."""
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                yield path, node


def test_no_two_classes_are_called_alike() -> None:
    """A name that means two things in one package has to be looked up each time that it is read."""
    counts = Counter(node.name for _, node in classes())
    assert CALLED_ALIKE == {name for name, count in counts.items() if count > 1}


def test_no_class_is_cut_into_inheriting_halves() -> None:
    """A class that nobody makes, and of which one other file inherits, is a part of that class."""
    heirs: dict[str, set[tuple[Path, str]]] = {}
    for path, node in classes():
        for base in node.bases:
            heirs.setdefault(ast.unparse(base).partition("[")[0], set()).add((path, node.name))
    made = set(re.findall(r"\b(\w+)\(", "".join(_without_class_heads(path) for path in MODULES)))
    only_heirs = {base: next(iter(found)) for base, found in heirs.items() if len(found) == 1}
    halves = {
        node.name
        for path, node in classes()
        if node.name in only_heirs and only_heirs[node.name][0] != path and node.name not in made
    }
    assert set() == halves


def _without_class_heads(path: Path) -> str:
    return re.sub(r"(?m)^class .*$", "", source_of(path))


def test_nobody_reaches_through_more_than_two_objects() -> None:
    """Who knows the inside of an inside breaks with it; `ClusterView` is the door of a cluster.

    Attributes and calls count alike; an item of a mapping counts with the attribute that holds it.
    """
    chains = (
        f"{relative(path)}:{node.lineno} {ast.unparse(node)}"
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and _attributes(node) > REACHED_ATTRIBUTES
    )
    assert [] == list(chains)


def _attributes(node: ast.expr) -> int:
    count = 0
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        count += isinstance(node, ast.Attribute)
        node = node.func if isinstance(node, ast.Call) else node.value
    return count


def test_only_a_lab_knows_the_world_behind_it() -> None:
    """Storms, scenarios, figures and explorers look through `lab.view`."""
    knowing = {
        relative(path)
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "world"
    }
    assert {"kafkabook/lab/lab.py"} == knowing


def test_importing_the_package_brings_nothing_heavy() -> None:
    """The engine also runs in a browser's Python, and a command must answer at once."""
    heavy = ["numpy", "matplotlib", "networkx", "ipywidgets", "anywidget", "IPython", "hypothesis"]
    code = (
        "import sys, kafkabook.log.partition_log, kafkabook.records.record_batch,"
        " kafkabook.viz.renderers, kafkabook.checkers, kafkabook.scenarios;"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize("slug", BUILT)
def test_one_slug_five_files(slug: str) -> None:
    """A chapter, its exercise, its solution, its explorers, and the modules that it names."""
    name = slug.split("_", 1)[1]
    chapter = HOME / "chapters" / f"{slug}.ipynb"
    metadata = json.loads(chapter.read_text(encoding="utf-8"))["metadata"]["kafkabook"]
    assert slug == metadata["slug"]
    assert metadata["notes"]
    for module in metadata["modules"]:
        import_module(module)
    if slug != "00_start_here":  # the welcome has a film and a stage, and nothing to build
        assert (PACKAGE / "explorers" / "chapters" / f"{name}.py").is_file()
        for folder in ("exercises", "solutions"):
            assert (HOME / folder / slug / f"{slug}.ipynb").is_file()


def test_no_notebook_stands_outside_the_list_of_built_chapters() -> None:
    """The walk above must see every chapter that there is; two notebooks stand around them."""
    found = sorted(path.stem for path in (HOME / "chapters").glob("*.ipynb"))
    assert [*BUILT, "kafka_after_the_notes", "true_then_wrong_now"] == found


def test_every_concept_of_a_built_chapter_names_what_implements_it() -> None:
    """A concept is a class, or for a rule a function, that imports; the others are planned."""
    concepts = tomllib.loads((PACKAGE / "book" / "concepts.toml").read_text(encoding="utf-8"))
    planned = 0
    for concept in concepts["concept"]:
        if concept.get("planned"):
            planned += 1
            assert concept["chapter"] not in BUILT
            continue
        module, _, name = concept["implemented_by"].rpartition(".")
        assert callable(getattr(import_module(module), name)), concept["id"]
    assert planned <= PLANNED_AT_MOST


PLANNED_AT_MOST = 80  # may only shrink


def test_a_new_floor_is_a_floor_of_the_contract() -> None:
    """A package that the import contract does not know could import anything."""
    settings = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = {name.strip() for layer in layers for name in layer.split("|")}
    found = {p.name for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert found | {"cli"} == floors


def test_checkers_share_no_code_with_what_they_judge() -> None:
    """A bug of the log must not be able to hide in its checker: they share a vocabulary only."""
    allowed = re.compile(r"kafkabook\.(base\.\w+|checkers\.\w+|\w+\.events)$")
    for path in (PACKAGE / "checkers").glob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kafkabook"):
                assert allowed.match(node.module or ""), (path.name, node.module)


def test_the_lock_holds_hashes_and_no_address() -> None:
    """Any mirror may serve it; nobody can change what it serves."""
    lines = (HOME / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if "://" in line or re.match(r"^\s*--(?!hash=)", line)]
    pinned = [line for line in lines if "==" in line]
    assert len(pinned) > 100
    assert all(line.rstrip().endswith("\\") for line in pinned)


def test_committed_notebooks_hold_text_and_small_pictures_only() -> None:
    """No PNG, no widget state, no script, no path of anybody's machine, no shell."""
    kinds = {"text/plain", "image/svg+xml"}
    for path in HOME.glob("[ces]*/**/*.ipynb"):
        if ".ipynb_checkpoints" in path.parts or path.parts[len(HOME.parts)] == "work":
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert "widgets" not in notebook["metadata"], path
        for cell in notebook["cells"]:
            _check_cell(cell, path, kinds)


def _check_cell(cell: dict, path: Path, kinds: set[str]) -> None:
    source = "".join(cell["source"])
    assert not re.search(r"^\s*(!|%%bash|%pip|%%javascript|%%html)", source, re.MULTILINE), path
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        assert set(data) <= kinds, (path, set(data))
        text = json.dumps(output)
        assert not re.search(r"/(root|home|tmp)/", text), path
        assert len("".join(data.get("image/svg+xml", ""))) <= 60_000, path


def test_chapter_cells_stay_short() -> None:
    """A cell is one step of thought; what is long belongs into the package."""
    for slug in BUILT:
        notebook = json.loads((HOME / "chapters" / f"{slug}.ipynb").read_text(encoding="utf-8"))
        sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
        sizes = [len(s.splitlines()) for s in sources if not _only_imports(s)]
        assert statistics.median(sizes) <= 2, slug
        assert max(sizes) <= 8, slug


def _only_imports(source: str) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(source).body)


def test_no_name_is_ever_bound_twice_in_a_chapter() -> None:
    """A reader who runs cells out of order must not meet another meaning of the same name."""
    for slug in BUILT:
        notebook = json.loads((HOME / "chapters" / f"{slug}.ipynb").read_text(encoding="utf-8"))
        bound: list[str] = []
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                bound += _bound_names("".join(cell["source"]))
        twice = sorted({name for name in bound if bound.count(name) > 1 and name != "_"})
        assert [] == twice, slug


def _bound_names(source: str) -> list[str]:
    names: list[str] = []
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        parts = [p for t in targets for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
        names += [part.id for part in parts if isinstance(part, ast.Name)]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
    return names


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    """The project stands alone: no path of a machine, no host of a package registry."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True
    ).stdout.split()
    hosts = "|".join(
        ["py" + r"pi\.org", r"python" + "hosted", "maven" + r"\.org", "npm" + r"js\.org"]
    )
    wrong = re.compile(rf"{hosts}|(?<![\w.])/(?:work|root|farm)/[a-z]|\.\./shared")
    for name in tracked:
        path = HOME / name
        if path.suffix in {".svg", ".png"} or name == "LICENSE" or not path.is_file():
            continue
        found = wrong.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, (name, found)


def test_the_moving_picture_of_the_readme_is_what_its_tool_prints() -> None:
    """A picture that no command makes would grow stale in silence."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.moving_picture"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    committed = (HOME / "docs" / "pictures" / "a_leader_dies.svg").read_text(encoding="utf-8")
    assert committed == done.stdout
