"""Biome (https://biomejs.dev) finds no faults in the scripts and style sheets (biome.json)."""

import subprocess

import pytest

from helpers.browser_pages import ROOT

BIOME = ROOT / ".venv" / "node_modules" / ".bin" / "biome"


@pytest.fixture(scope="module")
def files():
    """The scripts and style sheets of the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.js", "*.css"]
    names = subprocess.check_output(command, cwd=ROOT, text=True).split()
    return [name for name in names if (ROOT / name).exists()]


@pytest.mark.parametrize("task", ["lint", "format"])
def test_biome_finds_no_faults(task, files):
    assert files
    command = [BIOME, task, "--error-on-warnings", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
