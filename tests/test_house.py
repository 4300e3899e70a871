"""The structure of convtools: imports have no cycles, and public names are documented."""

import ast
import inspect
import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

import pytest
from numpydoc.docscrape import get_doc_object

import convtools
from convtools import GaborFit, ReceptiveField, plotting

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convtools"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Data flows one way, and a module imports only from modules before it.
WEIGHTS = {"_validate", "_coordinates", "kernels", "stimuli"}
MAY_IMPORT = {
    "_validate": set(),
    "_coordinates": set(),
    "_palette": set(),
    "arithmetic": {"_validate", "_windows"},  # the latter only for PyTorch modules
    "_windows": {"_validate", "layers", "neuromatch"},
    "stimuli": {"_validate", "_coordinates"},
    "kernels": {"_validate", "_coordinates"},
    "convolution": WEIGHTS | {"arithmetic"},
    "layers": WEIGHTS,
    "tuning": {"_validate"},
    "learning": {"_validate"},
    "fitting": {"_validate", "_coordinates"},
    "encoding": {"_validate"},
    "plotting": WEIGHTS | {"_palette", "arithmetic", "convolution", "layers", "tuning"},
    # not imported by others
    "data": {"_validate"},
    "neuromatch": WEIGHTS | {"layers", "plotting"},
    "exercises": WEIGHTS
    | {"_palette", "arithmetic", "convolution", "encoding", "neuromatch", "tuning"},
}
DRAWING = {"plotting", "neuromatch"}

# Classes that only the package creates.
EXEMPT = {"Animation", "GaborFit", "ReceptiveField"}
DOCUMENTED = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (convtools, plotting)
    for name in module.__all__
    if name not in EXEMPT and not inspect.ismodule(getattr(module, name))
} | {"convtools.ReceptiveField.center": ReceptiveField.center}


def dotted(path):
    """Return the name of a module within convtools, such as "plotting.images"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imported(path):
    """Return the full names that a module imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: convtools imports by full names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


every_module = pytest.mark.parametrize("path", MODULES, ids=dotted)
without_root = [path for path in MODULES if path != PACKAGE / "__init__.py"]
documented = pytest.mark.parametrize("thing", DOCUMENTED.values(), ids=DOCUMENTED)


# Imports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", without_root, ids=dotted)
def test_module_imports_only_earlier_modules(path):
    own = dotted(path).split(".")[0]
    names = {name for name in imported(path) if name.split(".")[0] == "convtools"}
    assert "convtools" not in names, "import names from modules, not the whole package"
    assert own in MAY_IMPORT, f"MAY_IMPORT must list the imports of {own}"
    assert {name.split(".")[1] for name in names} - {own} <= MAY_IMPORT[own]


@every_module
def test_only_plotting_draws(path):
    draws = [name for name in imported(path) if name.startswith("matplotlib")]
    assert draws == [] or dotted(path).split(".")[0] in DRAWING


@every_module
def test_module_has_all_and_no_star_imports(path):
    source = path.read_text(encoding="utf-8")
    assert re.search(r"^(.*, )?__all__ = ", source, re.MULTILINE)
    assert not [name for name in imported(path) if name.endswith(".*")]


@pytest.mark.parametrize(
    "use",
    [
        "import convtools",
        "import convtools; convtools.output_size(48, 7)",
        "import convtools; convtools.receptive_field([(7, 1, 3)])",
        "import convtools; convtools.conv2d([[[[1, 2]]]], [[1, -1]])",
        "import convtools; convtools.circular_variance([1, 2, 3], [0, 60, 120])",
        "import convtools; convtools.learn_filters([[[0, 1]], [[1, 3]], [[2, 0]]], seed=0)",
        "import convtools; convtools.fit_gabor([[0, 1, 0], [0, 2, 0], [0, 1, 0]])",
        "import convtools; convtools.noise_ceiling([[0, 1], [0, 1]])",
    ],
)
def test_torch_is_imported_only_if_needed(use):
    code = f"import sys; {use}; print({{'torch', 'matplotlib'}} & {{*sys.modules}})"
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "set()\n"


# Public names ----------------------------------------------------------------------------------


def test_public_names_are_in_the_reference():
    reference = (ROOT / "book/api.md").read_text(encoding="utf-8")
    names = {
        name.split(".")[-1] for name in DOCUMENTED.keys() - {"convtools.ReceptiveField.center"}
    }
    assert names - set(re.findall(r"\w+", reference)) == set(), "book/api.md does not list these"


def test_version_is_that_of_the_distribution():
    assert version("seeing-with-convolutions") == convtools.__version__


@pytest.mark.parametrize("module", [convtools, plotting])
def test_public_names_are_listed_once(module):
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


# Docstrings ------------------------------------------------------------------------------------


def names_in(section):
    """Return the names of a docstring's section; a line may have several: "c_in, c_out : int"."""
    return [name for entry in section for name in entry.name.split(", ")]


@documented
def test_docstring_has_the_parameters_of_the_signature(thing):
    parameters = [name for name in inspect.signature(thing).parameters if name != "self"]
    assert sorted(names_in(get_doc_object(thing)["Parameters"])) == sorted(parameters)


@documented
def test_docstring_has_returns_raises_and_an_example(thing):
    doc = get_doc_object(thing)
    takes_arguments = [name for name in inspect.signature(thing).parameters if name != "self"]
    assert doc["Summary"] != [""]
    assert any(line.startswith(">>> ") for line in doc["Examples"])
    if takes_arguments:
        assert doc["Raises"]
        assert all(entry.desc for entry in doc["Parameters"])
    if inspect.signature(thing).return_annotation not in (None, "None", inspect.Signature.empty):
        assert doc["Returns"]


@pytest.mark.parametrize("thing", [ReceptiveField, GaborFit])
def test_docstring_of_named_tuple_has_its_attributes(thing):
    assert names_in(get_doc_object(thing)["Attributes"]) == list(thing._fields)


# Linter, types and README -----------------------------------------------------------------------


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_no_faults(command):
    folders = [ROOT / name for name in ("benchmarks", "book/_ext", "convtools", "tests", "tools")]
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, *folders], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_mypy_finds_no_faults():
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_readme_snippets_print_the_output_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", readme, flags=re.DOTALL | re.MULTILINE)
    assert any(language == "python" for language, _ in blocks)
    followers = [*blocks[1:], ("nothing", "")]
    for (language, code), (next_language, text) in zip(blocks, followers, strict=True):
        if language == "python":
            assert next_language == "text"
            printed = io.StringIO()
            with redirect_stdout(printed):
                exec(compile(code, "README.md", "exec"), {})
            assert printed.getvalue() == text
