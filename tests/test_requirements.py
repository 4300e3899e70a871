"""requirements.txt pins the whole environment; pyproject.toml has only lower bounds."""

import ast
import re
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINES = [
    line
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
CUDA = PYPROJECT["tool"]["uv"]["pip"]["no-emit-package"]
ASKED_FOR = [
    *PYPROJECT["build-system"]["requires"],
    *PYPROJECT["project"]["dependencies"],
    *PYPROJECT["project"]["optional-dependencies"]["chapters"],
    *(line for group in PYPROJECT["dependency-groups"].values() for line in group),
]


def pinned_here():
    """Return {name: version} for the lines whose marker applies to this machine."""
    pins = [Requirement(line) for line in LINES]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def needed_here():
    """Return the names of the required packages and of their dependencies."""
    waiting, seen = [Requirement(line) for line in ASKED_FOR], set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) in seen or name in CUDA:
                continue
            seen.add((name, extra))
            for line in distribution(name).requires or []:
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting.append(needed)
    return {name for name, _ in seen}


def test_every_line_pins_one_public_version():
    pin = re.compile(r"[a-z0-9][a-z0-9.-]*==[a-z0-9.]+( ; [^#@+]+)?")
    assert [line for line in LINES if not pin.fullmatch(line)] == []


def test_no_package_is_pinned_twice_for_one_machine():
    here = [Requirement(line) for line in LINES]
    names = [pin.name for pin in here if pin.marker is None or pin.marker.evaluate()]
    assert len(names) == len(set(names))


def test_required_packages_are_pinned_at_the_installed_version():
    pins, installed = pinned_here(), {}
    for name in needed_here():
        installed[name] = Version(distribution(name).version).public
    assert {name: pins.get(name) for name in installed} == installed


def test_cuda_packages_are_not_pinned():
    names = {canonicalize_name(Requirement(line).name) for line in LINES}
    assert names.isdisjoint(CUDA)


def test_requirements_of_convtools_are_lower_bounds():
    required = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
    for requirement in required:
        assert [bound.operator for bound in requirement.specifier] == [">="]


def test_convtools_declares_its_imports():
    required = {Requirement(line).name for line in PYPROJECT["project"]["dependencies"]}
    imported = {
        module.split(".")[0]
        for path in (ROOT / "convtools").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for module in modules(node)
    }
    names = {module.lower().replace("_", "-") for module in imported - sys.stdlib_module_names}
    assert {*required} == {{"pil": "pillow"}.get(name, name) for name in names - {"convtools"}}


def modules(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) else []
