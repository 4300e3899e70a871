"""binder/ has exactly the packages that learners need, in the versions of the book."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
INDEX, *LINES = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINS = dict(line.split("==") for line in LINES)
BOOK = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CELLS = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["chapters"]


def test_binder_has_the_versions_of_the_book():
    book = {(pin.name, str(pin.specifier).removeprefix("==")) for pin in BOOK}
    public = {(name, version.partition("+")[0]) for name, version in PINS.items()}
    assert public
    assert public - book == set()


def test_binder_has_the_packages_of_the_cells_and_of_jupyterlab():
    lines = CELLS + PYPROJECT["dependency-groups"]["lab"]
    assert {Requirement(line).name for line in lines} - set(PINS) == set()


def test_binder_has_no_packages_of_only_the_build_or_the_tests():
    groups = PYPROJECT["dependency-groups"]
    others = {Requirement(line).name for line in groups["book"] + groups["test"]}
    runtime = {Requirement(line).name for line in CELLS}
    not_here = others - runtime - {Requirement(line).name for line in groups["lab"]}
    # by torch, matplotlib, JupyterLab, nbconvert and ipykernel
    needed_too = {"filelock", "pillow", "fonttools", "babel", "beautifulsoup4", "tinycss2"}
    needed_too |= {"psutil"}
    assert set(PINS) & not_here - needed_too == set()
    assert not [name for name in PINS if "sphinx" in name]


def test_binder_installs_only_the_cpu_build_of_torch():
    """With a plain version, pip would install the CUDA build if the index does not respond."""
    assert INDEX == "--extra-index-url https://download.pytorch.org/whl/cpu"
    assert PINS["torch"].endswith("+cpu")
    assert set(PINS).isdisjoint(PYPROJECT["tool"]["uv"]["pip"]["no-emit-package"])


def test_binder_runs_a_python_that_the_book_supports():
    version = re.fullmatch(
        r"python-(3\.\d+)\n", (BINDER / "runtime.txt").read_text(encoding="utf-8")
    )[1]
    assert (
        f">={version}" == PYPROJECT["project"]["requires-python"]
    )  # the pins work for all later ones


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_start_runs_the_server_with_its_settings_and_one_thread(tmp_path):
    show = ["python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
    output = subprocess.check_output([BINDER / "start", *show], cwd=tmp_path)
    environment = json.loads(output)
    assert environment["OMP_NUM_THREADS"] == "1"
    settings = Path(environment["JUPYTER_CONFIG_PATH"], "labconfig/default_setting_overrides.json")
    plugins = json.loads(settings.read_text(encoding="utf-8"))
    viewers = plugins["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers == {"markdown": "Jupytext Notebook", "myst": "Jupytext Notebook"}
