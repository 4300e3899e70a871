"""tools/venv.py, tested in a separate project with local package indexes."""

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from inspect import getsource
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tools" / "venv.py"
TEXT = SOURCE.read_text(encoding="utf-8")
TOOL = SimpleNamespace(**runpy.run_path(str(SOURCE)))
PYPROJECT = """
[build-system]
requires = ["not-to-be-fetched"]
build-backend = "backend"
backend-path = ["."]

[project]
name = "convtools"
"""
BACKEND = """
def build_editable(folder, config_settings=None, metadata_directory=None):
    return write_wheel(folder, "convtools", "3", "here")
"""
ORIGINS = "import convtools, six, torch; print(convtools.origin, six.origin, torch.origin)"


def write_wheel(folder, name, version, origin):
    """Write a package of one module, which contains its origin; return the name of the file."""
    from pathlib import Path
    from zipfile import ZipFile

    file, info = f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with ZipFile(Path(folder, file), "w") as wheel:
        wheel.writestr(f"{name}.py", f"origin = '{origin}-{version}'")
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", text)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return file


class Project:
    """A project with six and torch, each with its own index."""

    def __init__(self, folder, url, torch="7.0+cpu"):
        self.folder, self.url = folder, url
        self.write("pyproject.toml", PYPROJECT)
        self.write("backend.py", getsource(write_wheel) + BACKEND)
        self.write("requirements.txt", "six==1.0\ntorch==7.0\n")
        self.write("tools/venv.py", TEXT.replace(TOOL.CPU_INDEX, f"{url}/cpu"))
        for index, name, version in [
            ("pypi", "six", "1.0"), ("pypi", "six", "1.1"), ("pypi", "torch", "7.0"),
            ("cpu", "torch", torch),
        ]:  # fmt: skip
            (folder / index / name).mkdir(parents=True, exist_ok=True)
            write_wheel(folder / index / name, name, version, index)

    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *command, index="pypi"):
        """Run the tool from another folder, and return its exit code and output."""
        settings = {name: value for name, value in os.environ.items() if "PIP_" not in name}
        settings |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{self.url}/{index}"}
        done = subprocess.run(
            [sys.executable, self.folder / "tools/venv.py", *command],
            cwd=self.folder / "tools", env=settings | {"no_proxy": "127.0.0.1"},
            capture_output=True, text=True,
        )  # fmt: skip
        return SimpleNamespace(code=done.returncode, out=done.stdout.strip(), err=done.stderr)


@pytest.fixture(scope="module")
def new_project(tmp_path_factory):
    """Return a function that makes a project in a new folder, with served indexes."""
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    folder = tmp_path_factory.mktemp("projects")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as server:
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield lambda name, **torch: Project(folder / name, f"{url}/{name}", **torch)
        server.shutdown()


@pytest.fixture(scope="module")
def project(new_project):
    """A project with its environment, behind a symbolic link if the system has them."""
    project = new_project("first")
    if os.name != "nt":
        (project.folder / ".venv").symlink_to(project.folder / "elsewhere")
    project.first = project.run("python", "-c", ORIGINS)
    return project


@pytest.fixture(scope="module")
def moved(project, new_project):
    """A copy in another folder, whose set-up fails at first because no index has its torch."""
    moved = new_project("moved", torch="6.0+cpu")
    shutil.copytree(project.folder / ".venv", moved.folder / ".venv", symlinks=True)
    (moved.folder / "pypi/torch").rename(moved.folder / "torch")
    moved.failed = moved.run("python", "-c", ORIGINS)
    (moved.folder / "torch").rename(moved.folder / "pypi/torch")
    moved.first = moved.run("python", "-c", ORIGINS)
    return moved


@pytest.mark.skipif(sys.platform != "linux", reason="only builds of torch for Linux have CUDA")
def test_torch_is_the_cpu_build_on_linux(project):
    assert project.first.out == "here-3 pypi-1.0 cpu-7.0+cpu", project.first.err


def test_second_run_needs_no_index_and_prints_only_the_output_of_the_command(project):
    again = project.run("python", "-c", "print('yes')", index="nowhere")
    assert (again.code, again.out, again.err) == (0, "yes", "")


def test_command_runs_in_the_root_with_the_environment_first_on_the_path(project):
    code = "import os; print(os.getcwd(), os.environ['VIRTUAL_ENV'], os.environ['PATH'])"
    root, environment, path = project.run("python", "-c", code).out.split(maxsplit=2)
    assert Path(root) == project.folder
    assert Path(environment) == (project.folder / ".venv").resolve()
    assert Path(path.split(os.pathsep)[0]).parent == Path(environment)


def test_exit_code_is_that_of_the_command(project):
    assert project.run("python", "-c", "raise SystemExit(5)").code == 5


@pytest.mark.parametrize(
    ("command", "message"),
    [([], "Usage: .*"), (["no-such-command"], "There is no command no-such-command, .*")],
)
def test_error_for_a_wrong_command_is_one_line(command, message, project):
    done = project.run(*command)
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(f"{message}\n", done.err)


def test_new_pins_are_installed_at_the_next_run_also_without_pytorchs_index(project):
    (project.folder / "cpu").rename(project.folder / "gone")
    project.write("requirements.txt", "six==1.1\ntorch==7.0\n")
    done = project.run("python", "-c", ORIGINS)
    assert "pypi-1.1" in done.out, done.err
    assert ("does not respond" in done.err) == (sys.platform == "linux")


def test_failed_set_up_shows_the_reason(moved):
    assert (moved.failed.code, moved.failed.out) == (1, "")
    assert "No matching distribution found for torch==7.0" in moved.failed.err
    assert moved.failed.err.endswith("That failed: fix the error above and run it again.\n")


def test_interrupted_set_up_is_repeated(moved):
    assert moved.first.code == 0, moved.first.err


def test_environment_of_another_folder_is_not_used(moved):
    """Because its scripts contain the path of the Python in that folder."""
    assert moved.failed.err.startswith("Making .venv\n")


def test_torch_comes_from_the_default_index_if_pytorchs_lacks_it(moved):
    assert moved.first.out == "here-3 pypi-1.0 pypi-7.0"


@pytest.mark.parametrize(
    ("owner", "name", "value", "message"),
    [
        (sys, "version_info", (3, 9, 2), r"Python 3\.11 to 3\.14 is needed, this is 3\.9\.2: .*"),
        (sys, "version_info", (3, 15, 0), r"Python 3\.11 to 3\.14 is needed, .* 3\.15\.0: .*"),
        (importlib.util, "find_spec", lambda name: None, r".* `apt install python3\.\d+-venv`.*"),
        (shutil, "disk_usage", lambda _: SimpleNamespace(free=1.5e9), r".* 3 GB .* has 1\.5: .*"),
    ],
)
def test_error_for_a_missing_requirement_is_one_line(
    owner, name, value, message, tmp_path, monkeypatch
):
    project = Project(tmp_path, "http://127.0.0.1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tools/venv.py", "python"])
    monkeypatch.setattr(owner, name, value)
    with pytest.raises(SystemExit, match=f"^{message}$"):
        runpy.run_path(str(project.folder / "tools/venv.py"), run_name="__main__")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "Makefile", "book/index.md"])
def test_documents_list_the_supported_pythons(name):
    oldest, newest = ("{}.{}".format(*v) for v in (TOOL.OLDEST_PYTHON, TOOL.NEWEST_PYTHON))
    named = re.findall(r"Python (\d\.\d+ \w+ \S+)", (ROOT / name).read_text(encoding="utf-8"))
    assert set(named) == {f"{oldest} to {newest}"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={oldest}"


def test_readme_installs_the_pinned_torch_from_the_same_index():
    pin = re.search(r"^torch==.*", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    line = f"python -m pip install {pin[0]} --index-url {TOOL.CPU_INDEX}\n"
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def test_make_clean_removes_the_files_that_git_ignores():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    clean = re.search(r"^clean:.*\n\trm -rf (.*)", makefile, re.MULTILINE)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").replace("/", "").split()
    other_ignored = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
    assert set(clean[1].split()) == set(ignored) - other_ignored
