"""repo2docker, which builds the images of Binder, uses the files of binder/."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """The Dockerfile that repo2docker generates from the repository."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "binder", folder / "binder")
    for name in ("requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", folder]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "conda environment for python=3.11" in run.stderr
    return run.stdout


def test_only_the_packages_of_binder_are_installed(dockerfile):
    assert re.findall(r"/pip install (.*)", dockerfile) == [
        '--no-cache-dir -r "binder/requirements.txt"'
    ]


def test_packages_stay_cached_when_only_the_book_changes(dockerfile):
    """Layers before the copy of the whole repository come from the cache."""
    packages, repository = "pip install --no-cache-dir -r", "src/ ${REPO_DIR}/\n"
    assert 0 < dockerfile.index(packages) < dockerfile.index(repository)


def test_our_scripts_install_convtools_and_start_the_server(dockerfile):
    assert "RUN ./binder/postBuild\n" in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"\n' in dockerfile
