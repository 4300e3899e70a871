"""tools/venv.py, with a loopback package index and a torch of one line."""

import ast
import importlib.util
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tools" / "venv.py"
METADATA, WHEEL = "Metadata-Version: 2.1\n", "Wheel-Version: 1.0\nTag: py3-none-any\n"
PASS = [sys.executable, "-c", "pass"]
PYPROJECT = """
[build-system]
requires = ["to-be-fetched"]
build-backend = "backend"
backend-path = ["."]

[project]
name = "convtools"

[dependency-groups]
test = []

[tool.ruff]
line-length = 100
"""
BACKEND = """
from pathlib import Path
from zipfile import ZipFile

METADATA = "Metadata-Version: 2.1\\nName: convtools\\nVersion: 1\\n"
WHEEL = "Wheel-Version: 1.0\\nTag: py3-none-any\\n"

def build_editable(folder, config_settings=None, metadata_directory=None):
    with ZipFile(Path(folder, "convtools-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("convtools.pth", str(Path.cwd()))
        wheel.writestr("convtools-1.dist-info/METADATA", METADATA)
        wheel.writestr("convtools-1.dist-info/WHEEL", WHEEL)
        wheel.writestr("convtools-1.dist-info/RECORD", "")
    return "convtools-1-py3-none-any.whl"
"""

REPORT = """
import os, torch
from importlib.metadata import version
print(torch.origin, "convtools " + version("convtools"), sep="\\n")
print(os.environ["VIRTUAL_ENV"], os.environ["PATH"].split(os.pathsep)[0], sep="\\n")
"""


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The module, in a project of its own."""
    path = tmp_path / "tools" / "venv.py"
    path.parent.mkdir()
    shutil.copy(SOURCE, path)
    (tmp_path / "requirements.txt").write_text("six==1.0\ntorch==7.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "backend.py").write_text(BACKEND, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("venv_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.chdir(tmp_path)
    return module


@pytest.fixture
def steps(tool, monkeypatch):
    """The commands of the set-up, noted instead of run, and all of them succeed."""
    noted = []

    def step(what, command, may_fail=False):
        noted.append(" ".join(command).partition(" -m ")[2])
        tool.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        tool.PYTHON.touch()
        return True

    monkeypatch.setattr(tool, "step", step)
    monkeypatch.setattr(tool, "answers", lambda index: True)
    return noted


@contextmanager
def serving(folder):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def put_wheel(index, name, version, text, requires=""):
    """Put a package into the folder `index`: a module that holds `text`, and a script."""
    folder = index / name
    folder.mkdir(parents=True)
    info = f"{name}-{version}.dist-info"
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"origin = {text!r}\ndef main(): print(origin)\n")
        wheel.writestr(
            f"{info}/METADATA", f"{METADATA}Name: {name}\nVersion: {version}\n{requires}"
        )
        wheel.writestr(f"{info}/WHEEL", WHEEL)
        wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {name}:main\n")
        wheel.writestr(f"{info}/RECORD", "")


# --- What is checked before anything is done ---


def test_source_is_in_the_grammar_of_python_3_6():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))
    futures = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    assert not futures


@pytest.mark.parametrize("path", [SOURCE, Path(__file__), ROOT / "tests/test_requirements.py"])
def test_text_is_read_and_written_as_utf_8(path):
    text = {"open", "read_text", "write_text"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in text:
            assert "encoding='utf-8'" in ast.unparse(node)


def test_oldest_python_is_that_of_pyproject(tool):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">={}.{}".format(*tool.OLDEST_PYTHON)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "Makefile", "book/index.md"])
def test_all_name_the_same_pythons(tool, name):
    oldest, newest = ("{}.{}".format(*v) for v in (tool.OLDEST_PYTHON, tool.NEWEST_PYTHON))
    named = re.findall(r"Python (\d\.\d+ \w+ \S+)", (ROOT / name).read_text(encoding="utf-8"))
    assert set(named) == {f"{oldest} to {newest}"}


@pytest.mark.parametrize("version", [(3, 11, 0, "final", 0), (3, 14, 9, "final", 0)])
def test_the_oldest_and_the_newest_python_are_taken(tool, monkeypatch, version):
    monkeypatch.setattr(tool.sys, "version_info", version)
    tool.check_python()


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("old", r"Python 3\.11 to 3\.14 is needed, this is 3\.9\.2: .*make PYTHON=python3\.12"),
        ("new", r"Python 3\.11 to 3\.14 is needed, this is 3\.15\.0: .*make PYTHON=python3\.12"),
        ("ensurepip", r"cannot make virtual environments: .*apt install python3\.\d+-venv"),
        ("disk", r"needs 3 GB of free disk and has 1\.5: make room"),
    ],
)
def test_what_is_missing_is_said_in_one_line(tool, steps, monkeypatch, broken, message):
    if broken in ("old", "new"):
        version = {"old": (3, 9, 2), "new": (3, 15, 0)}[broken]
        monkeypatch.setattr(tool.sys, "version_info", (*version, "final", 0))
    if broken == "ensurepip":
        found = importlib.util.find_spec
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name)
        )
    if broken == "disk":
        monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1.5e9))
    with pytest.raises(SystemExit, match=message) as stopped:
        tool.main(PASS)
    assert "\n" not in stopped.value.code
    assert steps == []


def test_failure_is_one_line_on_stderr_and_exit_code_1(tool):
    done = subprocess.run(
        [sys.executable, "tools/venv.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"Usage: .*\n", done.stderr)


# --- Whether a set-up is needed ---


def test_nothing_is_done_when_the_stamp_matches(tool, steps, monkeypatch):
    tool.main(PASS)
    assert len(steps) == 4
    monkeypatch.setattr(tool, "set_up", lambda: pytest.fail("set up again"))
    assert tool.main(PASS) == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "renewed"),
    [
        ("requirements.txt", "six==1.0", "six==1.1", True),
        ("pyproject.toml", "to-be-fetched", "another", True),
        ("pyproject.toml", 'name = "convtools"', 'name = "others"', True),
        ("pyproject.toml", "test = []", 'test = ["six"]', True),
        ("pyproject.toml", "line-length = 100", "line-length = 80", False),
    ],
)
def test_what_concerns_the_packages_means_a_new_set_up(tool, steps, name, old, new, renewed):
    tool.main(PASS)
    text = Path(name).read_text(encoding="utf-8")
    Path(name).write_text(text.replace(old, new), encoding="utf-8")
    tool.main(PASS)
    assert len(steps) == (8 if renewed else 4)


def test_another_python_means_a_new_set_up(tool, steps, monkeypatch):
    tool.main(PASS)
    monkeypatch.setattr(tool.sys, "version", "3.99.0")
    tool.main(PASS)
    assert len(steps) == 8


def test_a_moved_project_means_a_new_set_up(tool, steps, monkeypatch):
    tool.main(PASS)
    monkeypatch.setattr(tool, "VENV", tool.ROOT / "elsewhere" / ".." / ".venv")
    tool.main(PASS)
    assert len(steps) == 8


def test_an_interrupted_set_up_goes_on(tool, steps, monkeypatch):
    def interrupt(what, *arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tool, "pip", interrupt)
        with pytest.raises(SystemExit, match="call again and the set-up goes on"):
            tool.main(PASS)
    half = tool.site_packages() / "half-1.0.dist-info"
    half.mkdir(parents=True)
    monkeypatch.setattr(tool, "usable", lambda: True)
    tool.main(PASS)
    assert not half.exists()
    assert [step.split()[0] for step in steps] == ["venv", "pip", "pip", "pip"]
    assert tool.up_to_date()


def test_a_whole_package_is_not_installed_again(tool):
    whole = tool.site_packages() / "whole-1.0.dist-info"
    whole.mkdir(parents=True)
    (whole / "RECORD").touch()
    tool.forget_half_installed()
    assert whole.exists()


def test_torch_is_not_installed_again(tool, steps):
    (tool.site_packages() / "torch-7.0+cpu.dist-info").mkdir(parents=True)
    tool.install_torch()
    assert steps == []


def test_another_torch_is_replaced(tool, steps):
    (tool.site_packages() / "torch-7.0.1+cpu.dist-info").mkdir(parents=True)
    tool.install_torch()
    assert len(steps) == 1


def test_the_stamp_is_gone_while_a_set_up_runs(tool, steps, monkeypatch):
    tool.main(PASS)
    monkeypatch.setattr(tool, "usable", lambda: True)
    monkeypatch.setattr(tool, "install_torch", lambda: steps.append(tool.STAMP.exists()))
    tool.set_up()
    assert False in steps


@pytest.mark.parametrize(
    ("words", "usable"),
    [
        ("pip 1 from {venv}/lib (python {version})", True),
        ("pip 1 from {venv}/lib (python 2.7)", False),
        ("pip 1 from /elsewhere/lib (python {version})", False),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for pip is a shell script")
def test_an_environment_of_another_python_or_place_is_not_used(tool, words, usable):
    words = words.format(venv=tool.VENV, version="{}.{}".format(*sys.version_info[:2]))
    pip = tool.PYTHON.with_name("pip")
    pip.parent.mkdir(parents=True)
    pip.write_text(f"#!/bin/sh\necho '{words}'\n", encoding="utf-8")
    pip.chmod(0o755)
    assert tool.usable() is usable


@pytest.mark.parametrize("there", [True, False])
def test_an_unusable_environment_is_made_anew_and_that_is_said(tool, steps, capsys, there):
    if there:
        tool.VENV.mkdir()
    assert not tool.usable()
    tool.main(PASS)
    assert steps[0] == f"venv --clear {tool.VENV}"
    assert ("emptying .venv: it has no pip, or" in capsys.readouterr().err) is there


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_linked_environment_is_followed(tool, tmp_path):
    (tmp_path / ".venv").symlink_to(tmp_path / "elsewhere")
    assert runpy.run_path("tools/venv.py")["VENV"] == (tmp_path / "elsewhere").resolve()


@pytest.mark.parametrize(
    ("torch", "free", "enough"),
    [("7.0", 1.1e9, True), ("7.0", 0.9e9, False), ("6.0", 2.9e9, False), ("6.0", 3.1e9, True)],
)
def test_a_resumed_set_up_needs_less_disk_where_torch_is_there(
    tool, steps, monkeypatch, torch, free, enough
):
    info = tool.site_packages() / f"torch-{torch}+cpu.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").touch()
    monkeypatch.setattr(tool, "usable", lambda: True)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    if enough:
        tool.set_up()
    else:
        with pytest.raises(SystemExit, match="GB of free disk"):
            tool.set_up()
        assert steps == []


# --- Where torch comes from ---


def test_the_index_is_the_one_of_cpu_builds_and_the_readme_names_it(tool):
    assert tool.CPU_INDEX == "https://download.pytorch.org/whl/cpu"
    pin = re.search(r"^torch==.*", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    line = f"python -m pip install {pin[0]} --index-url {tool.CPU_INDEX}\n"
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def test_an_index_that_serves_answers(tool, tmp_path):
    put_wheel(tmp_path / "cpu", "torch", "7.0", "")
    with serving(tmp_path / "cpu") as address:
        assert tool.answers(address)


def test_an_index_that_says_no_does_not_answer(tool, tmp_path):
    with serving(tmp_path) as address:
        assert not tool.answers(address)


def test_an_index_that_refuses_does_not_answer(tool):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert not tool.answers(f"http://127.0.0.1:{closed.getsockname()[1]}")


def test_an_index_that_hangs_does_not_answer(tool, monkeypatch):
    monkeypatch.setattr(tool, "INDEX_TIMEOUT", 0.2)
    socket.setdefaulttimeout(20)  # ends this test where the tool sets no limit
    try:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            start = time.monotonic()
            assert not tool.answers(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - start < 10
    finally:
        socket.setdefaulttimeout(None)


def test_torch_is_left_to_the_default_index_when_pytorchs_is_silent(
    tool, steps, monkeypatch, capsys
):
    monkeypatch.setattr(tool, "answers", lambda index: False)
    tool.main(PASS)
    assert not [step for step in steps if "--index-url" in step]
    assert re.search("does not answer: torch==7.0 comes from .* CUDA", capsys.readouterr().err)


def test_a_torch_that_failed_halfway_is_forgotten(tool, monkeypatch):
    half = tool.site_packages() / "torch-7.0+cpu.dist-info"
    monkeypatch.setattr(tool, "answers", lambda index: True)
    monkeypatch.setattr(tool, "step", lambda *_: half.mkdir(parents=True))
    tool.install_torch()
    assert not half.exists()


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_torch_is_left_to_the_default_index_on_other_systems(tool, steps, monkeypatch, system):
    monkeypatch.setattr(tool.sys, "platform", system)
    monkeypatch.setattr(tool, "answers", lambda index: pytest.fail("asked"))
    tool.main(PASS)
    assert not [step for step in steps if "--index-url" in step]


# --- The steps and the command ---


@pytest.mark.parametrize("wheel_is_there", [True, False])
def test_a_whole_set_up_with_pip(tool, tmp_path, monkeypatch, capfd, wheel_is_there):
    put_wheel(tmp_path / "all" / "cpu", "torch", "7.0+cpu", "cpu", "Requires-Dist: cuda\n")
    put_wheel(tmp_path / "all" / "default", "torch", "7.0", "default")
    if not wheel_is_there:
        (tmp_path / "all" / "cpu" / "torch" / "torch-7.0+cpu-py3-none-any.whl").unlink()
    put_wheel(tmp_path / "all" / "default", "six", "1.0", "six from default")
    put_wheel(tmp_path / "all" / "default", "cuda", "1.0", "")
    with serving(tmp_path / "all") as address:
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", f"{address}/default")
        monkeypatch.setattr(tool, "CPU_INDEX", f"{address}/cpu")
        assert tool.main(["python", "-c", REPORT]) == 0
    out, err = capfd.readouterr()
    origin = "cpu" if wheel_is_there else "default"
    assert out.splitlines() == [origin, "convtools 1", str(tool.VENV), str(tool.PYTHON.parent)]
    assert re.search(rf"\[ +\d+ s\] installing torch==7.0 from {address}/cpu", err)
    failed = r"No matching distribution found for torch==7.0\n.*cpu did not give it, see above: "
    assert bool(re.search(failed, err)) is not wheel_is_there
    assert tool.usable()
    # Again, with the index gone: nothing to fetch.
    assert tool.main(["six"]) == 0
    out, err = capfd.readouterr()
    assert out == "six from default\n"
    assert re.fullmatch(r"\[ +\d+ s\] six done\n", err)


def test_a_failing_step_shows_its_words_then_what_to_do(tool, capfd):
    code = "import sys; print('no such package', file=sys.stderr); sys.exit(3)"
    with pytest.raises(SystemExit, match="fix what is reported above and run it again") as stopped:
        tool.step("installing all", [sys.executable, "-c", code])
    assert "\n" not in stopped.value.code
    assert re.fullmatch(r"\[ +\d s\] installing all\nno such package\n", capfd.readouterr().err)


def test_a_step_that_succeeds_is_silent_but_for_its_heartbeat(tool, monkeypatch, capfd):
    monkeypatch.setattr(tool, "HEARTBEAT", 0.1)
    tool.step("waiting", [sys.executable, "-c", "print(1); import time; time.sleep(0.5)"])
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"\[ +\d s\] waiting\n(\[ +\d s\] still running\n)+", err)


@pytest.mark.parametrize("code", [0, 5])
def test_the_exit_code_of_the_command_is_passed_on(tool, steps, capfd, code):
    assert tool.main([sys.executable, "-c", f"raise SystemExit({code})"]) == code
    end = f"failed, exit code {code}" if code else "done"
    assert re.search(rf"\[ +\d+ s\] .* {end}\n$", capfd.readouterr().err)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_command_ended_by_a_signal_gives_the_shells_exit_code(tool, steps):
    assert tool.main([sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]) == 143


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_an_interrupt_is_the_commands_to_answer(tool, steps):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & ignores it
    interrupt = "import os, sys, time; time.sleep(0.5); os.kill(os.getppid(), 2); time.sleep(0.5)"
    try:
        code = tool.main([sys.executable, "-c", f"{interrupt}; sys.exit(7)"])
    except KeyboardInterrupt:
        pytest.fail("the tool ended before its command")
    finally:
        after = signal.signal(signal.SIGINT, before)
    assert code == 7
    assert after is signal.default_int_handler


def test_the_command_runs_in_the_project_root(tool, steps, monkeypatch, tmp_path, capfd):
    monkeypatch.chdir(tmp_path / "tools")
    tool.main([sys.executable, "-c", "import os; print(os.getcwd())"])
    assert capfd.readouterr().out.strip() == str(tmp_path.resolve())


def test_an_unknown_command_is_said(tool, steps):
    with pytest.raises(SystemExit, match="no command no-such-command"):
        tool.main(["no-such-command"])


# --- What is made can be removed ---


def test_make_clean_removes_what_git_ignores():
    clean = re.search(
        r"^clean:.*\n\trm -rf (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M
    )
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").replace("/", "").split()
    elsewhere = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
    assert set(clean[1].split()) == set(ignored) - elsewhere
