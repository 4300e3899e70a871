"""Where things live in convtools: imports point one way, and what is public is documented."""

import ast
import inspect
import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from numpydoc.docscrape import get_doc_object

import convtools
from convtools import ReceptiveField, plotting

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convtools"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Data flows one way, and imports only ever point back along it.
BASE = {"_validate", "_coordinates"}
WEIGHTS = BASE | {"stimuli", "kernels"}
MAY_IMPORT = {
    "_validate": set(),
    "_coordinates": set(),
    "stimuli": BASE,
    "kernels": BASE,
    "convolution": WEIGHTS,
    "layers": WEIGHTS,
    "architecture": WEIGHTS | {"convolution", "layers"},
    "tuning": {"_validate"},
    "plotting": WEIGHTS | {"convolution", "layers", "architecture", "tuning"},
    # these hang on the side
    "data": {"_validate"},
    "_verdict": set(),
    "check": WEIGHTS | {"_verdict", "convolution", "architecture"},
}
DRAWING = re.compile(r"matplotlib(?!\.(cbook|image)\b)")  # these two read the photograph

SIGNATURES = {
    "ComplexCells": "(pairs)",
    "ConvolutionalLayer": "(c_in=1, c_out=6, K=7, filters=None)",
    "ReceptiveField": "(size, stride, padding)",
    "SimpleCells": "(kernels, *, threshold=0.0)",
    "circular_variance": "(responses, orientations)",
    "conv2d": "(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1)",
    "conv_parameters": "(c_in, c_out, kernel, *, bias=True, groups=1)",
    "convolve2d": "(image, kernel, *, stride=1, padding=0)",
    "correlate2d": "(image, kernel, *, stride=1, padding=0)",
    "dense_parameters": "(in_shape, out_shape, *, bias=True)",
    "difference_of_gaussians": "(size, sigma_center, sigma_surround, *, balance=1.0)",
    "fetch_stringer": "(directory=None)",
    "filters": "(out_channels=6, K=7)",
    "gabor": "(size, wavelength, orientation, *, phase=0.0, sigma=None, aspect=1.0, "
    "zero_mean=False)",
    "grating": f"(angle, sf={1 / 28}, res=0.1, patch=False, phase=0.0)",
    "load_stringer": "(path=None)",
    "modulation_ratio": "(responses)",
    "natural_image": "(size=None)",
    "orientation_selectivity": "(responses, orientations)",
    "orientation_tuning": "(respond, orientations, make_stimulus)",
    "output_size": "(size, kernel, *, stride=1, padding=0, dilation=1)",
    "phase_tuning": "(respond, phases, make_stimulus)",
    "plot_example_activations": "(stimuli, act, channels=(0,))",
    "plot_weights": "(weights, channels=(0,))",
    "quadrature_pair": "(size, wavelength, orientation, *, sigma=None, aspect=1.0, "
    "zero_mean=False)",
    "receptive_field": "(layers)",
    "show_stimulus": "(img, ax=None)",
    "simulate_population": "(n_neurons, orientations, *, seed)",
    "sine_grating": "(shape, wavelength, orientation, *, phase=0.0, contrast=1.0)",
}

# The two classes that only the package makes, and the module of the exercises' checkers, each of
# which takes an answer and returns nothing.
EXEMPT = {"Animation", "ReceptiveField", "check"}
DOCUMENTED = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (convtools, plotting)
    for name in module.__all__
    if name not in EXEMPT
} | {"convtools.ReceptiveField.center": ReceptiveField.center}


def dotted(path):
    """The name of a module below convtools: "layers", "plotting.images"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imported(path):
    """The full name of each thing that a module imports, also within functions."""
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
def test_imports_point_one_way(path):
    own = dotted(path).split(".")[0]
    names = {name for name in imported(path) if name.split(".")[0] == "convtools"}
    assert "convtools" not in names, "a module imports what it needs, not the whole package"
    assert own in MAY_IMPORT, f"MAY_IMPORT, above, has to say what {own} may import"
    assert {name.split(".")[1] for name in names} - {own} <= MAY_IMPORT[own]


@every_module
def test_only_plotting_draws(path):
    draws = [name for name in imported(path) if DRAWING.match(name)]
    assert draws == [] or path.is_relative_to(PACKAGE / "plotting")


@every_module
def test_module_says_what_is_public_and_imports_by_name(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert "__all__" in names
    assert not [name for name in imported(path) if name.endswith(".*")]


@every_module
def test_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 280


# Public names ----------------------------------------------------------------------------------


def test_public_names_are_those_promised():
    """A new name goes into SIGNATURES, above."""
    assert sorted(convtools.__all__) == sorted([*SIGNATURES, "check"])


def test_public_names_are_in_the_reference():
    reference = (ROOT / "book/api.md").read_text(encoding="utf-8")
    names = {*SIGNATURES, *plotting.__all__}
    assert names - set(re.findall(r"\w+", reference)) == set(), "book/api.md does not list these"


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_the_one_promised(name):
    signature = inspect.signature(getattr(convtools, name))
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    bare = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    assert str(bare) == SIGNATURES[name]


@pytest.mark.parametrize("module", [convtools, plotting])
def test_public_names_exist_once(module):
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


# Docstrings ------------------------------------------------------------------------------------


def names_in(section):
    """The names of a docstring's section, of which some share a line: "c_in, c_out : int"."""
    return [name for entry in section for name in entry.name.split(", ")]


@documented
def test_docstring_has_the_parameters_of_the_signature(thing):
    parameters = [name for name in inspect.signature(thing).parameters if name != "self"]
    assert sorted(names_in(get_doc_object(thing)["Parameters"])) == sorted(parameters)


@documented
def test_docstring_says_what_is_returned_and_raised_and_shows_an_example(thing):
    doc = get_doc_object(thing)
    takes_arguments = [name for name in inspect.signature(thing).parameters if name != "self"]
    assert doc["Summary"] != [""]
    assert any(line.startswith(">>> ") for line in doc["Examples"])
    if takes_arguments:
        assert doc["Raises"]
        assert all(entry.desc for entry in doc["Parameters"])
    if inspect.signature(thing).return_annotation not in (None, inspect.Signature.empty):
        assert doc["Returns"]


def test_docstring_of_a_receptive_field_has_its_attributes():
    assert names_in(get_doc_object(ReceptiveField)["Attributes"]) == list(ReceptiveField._fields)


# The rest of the house -------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing(command):
    places = [ROOT / place for place in ("convtools", "tests", "tools", "book/_ext")]
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, *places], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_readme_snippets_print_what_the_readme_says():
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
