"""Run a command in the project's virtual environment, after creating or updating it if necessary.

    python3 tools/venv.py COMMAND [ARGUMENT ...]

Standard library only, in the syntax of Python 3.7, because an old Python must be able to run this
file to report that it is too old.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)  # requirements.txt has wheels for these
DISK_GB = 3  # needed during installation; 1.7 afterwards
CPU_INDEX = "https://download.pytorch.org/whl/cpu"

ROOT = Path(__file__).resolve().parent.parent
VENV = (ROOT / ".venv").resolve()  # the venv module rejects a symbolic link
PYTHON = VENV.joinpath(*(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
STAMP = VENV / "up-to-date"  # missing while the set-up is running


def main(command):
    if not command:
        sys.exit("Usage: python3 tools/venv.py COMMAND [ARGUMENT ...]")
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        sys.exit(
            "Python {}.{} to {}.{} is needed, this is {}.{}.{}: install one and name it, as in "
            "`make PYTHON=python3.12 html`.".format(
                *OLDEST_PYTHON, *NEWEST_PYTHON, *sys.version_info[:3]
            )
        )
    os.chdir(ROOT)
    try:
        set_up()
    except KeyboardInterrupt:
        sys.exit("Interrupted: run it again. Finished downloads are kept.")
    run(command)


def set_up():
    """Install the pinned packages. An interrupted set-up starts again, with pip's cache."""
    pins = Path("requirements.txt").read_text(encoding="utf-8")
    project = Path("pyproject.toml").read_text(encoding="utf-8")
    wanted = [digest(sys.version, str(VENV)), digest(pins, project)]
    found = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    if found == wanted:
        return
    if found[:1] == wanted[:1]:
        STAMP.unlink()
    else:
        make_environment()
    torch = re.search(r"^torch==\S+", pins, re.MULTILINE)[0]
    if sys.platform == "linux" and responds(CPU_INDEX):  # builds for other systems have no CUDA
        what = f"{torch} from {CPU_INDEX}"
        pip(what, "--no-deps", "--index-url", CPU_INDEX, torch, required=False)
    pip("requirements.txt: a few minutes", "-r", "requirements.txt")
    # flit_core is in requirements.txt; an isolated build would download it each time.
    pip("convtools", "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text("\n".join(wanted), encoding="utf-8")


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def make_environment():
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        sys.exit(
            "This Python cannot make virtual environments: install what is missing "
            "(Debian, Ubuntu: `apt install python{}.{}-venv`).".format(*sys.version_info[:2])
        )
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < DISK_GB:
        sys.exit(f"{ROOT} needs {DISK_GB} GB of free disk and has {free:.1f}: make room.")
    step("Making .venv", sys.executable, "-m", "venv", "--clear", str(VENV))


def responds(index):
    from http.client import HTTPException
    from urllib.request import urlopen

    try:
        with urlopen(f"{index}/torch/", timeout=5):
            return True
    except (OSError, HTTPException) as error:
        report(f"{index} does not respond ({error}): torch from PyPI may include gigabytes of CUDA")
        return False


def pip(what, *arguments, required=True):
    quietly = ["-qq", "--disable-pip-version-check", "--no-input"]
    command = [str(PYTHON), "-m", "pip", "install", *quietly, *arguments]
    step(f"Installing {what}", *command, required=required)


def step(what, *command, required=True):
    report(what)
    if subprocess.call(command) and required:
        sys.exit("That failed: fix the error above and run it again.")


def report(message):
    print(message, file=sys.stderr, flush=True)


def run(command):
    path = f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which(command[0], path=path)
    if program is None:
        sys.exit(f"There is no command {command[0]}, neither in .venv nor on the PATH.")
    environment = dict(os.environ, PATH=path, VIRTUAL_ENV=str(VENV))
    if os.name == "nt":  # exec would return to the shell before the command ends
        sys.exit(subprocess.call([program, *command[1:]], env=environment))
    os.execve(program, [program, *command[1:]], environment)


if __name__ == "__main__":
    main(sys.argv[1:])
