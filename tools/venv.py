"""Run a command in the project's virtual environment, which is made or renewed first if need be.

    python3 tools/venv.py COMMAND [ARGUMENT ...]

Standard library only, in the grammar of Python 3.6: an old Python has to read this file
to say that it is too old.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)  # what requirements.txt has wheels for
DISK_GB = 3  # while installing; 1.5 remain
DISK_GB_WITH_TORCH = 1  # the same, where torch is there already
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
INDEX_TIMEOUT = 5  # seconds
HEARTBEAT = 15  # seconds

ROOT = Path(__file__).resolve().parent.parent
VENV = (ROOT / ".venv").resolve()  # the venv module refuses a link
PYTHON = VENV.joinpath(*(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
STAMP = VENV / "up-to-date"
REQUIREMENTS = ROOT / "requirements.txt"
START = time.monotonic()


def main(command):
    if not command:
        sys.exit("Usage: python3 tools/venv.py COMMAND [ARGUMENT ...]")
    check_python()
    os.chdir(str(ROOT))
    try:
        if not up_to_date():
            set_up()
    except KeyboardInterrupt:
        sys.exit("Interrupted: call again and the set-up goes on where it stopped.")
    return run(command)


def say(message):
    print(f"[{time.monotonic() - START:4.0f} s] {message}", file=sys.stderr, flush=True)


def check_python():
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        oldest, newest, found = (
            ".".join(map(str, v[:3])) for v in (OLDEST_PYTHON, NEWEST_PYTHON, sys.version_info)
        )
        sys.exit(
            f"Python {oldest} to {newest} is needed, this is {found}: "
            "install one and name it, as in `make PYTHON=python3.12 html`."
        )


def check_venv_module():
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        sys.exit(
            "This Python cannot make virtual environments: install what is missing "
            "(Debian, Ubuntu: `apt install python{}.{}-venv`).".format(*sys.version_info[:2])
        )


def check_disk(needed):
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < needed:
        sys.exit(f"{ROOT} needs {needed} GB of free disk and has {free:.1f}: make room.")


def fingerprint():
    """What .venv depends on. Its place belongs to it: the scripts inside name it."""
    import tomllib  # not in the Pythons that are too old

    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaging = [tables.get(name) for name in ("build-system", "project", "dependency-groups")]
    parts = [sys.version, str(VENV), REQUIREMENTS.read_text(encoding="utf-8"), repr(packaging)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def up_to_date():
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    return STAMP.read_text(encoding="utf-8") == fingerprint()


def set_up():
    check_venv_module()
    if usable():
        STAMP.unlink(missing_ok=True)
        forget_half_installed()
        check_disk(DISK_GB_WITH_TORCH if has_torch() else DISK_GB)
    else:
        check_disk(DISK_GB)
        if VENV.exists():
            say("emptying .venv: it has no pip, or belongs to another Python or folder")
        step("making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    install_torch()
    pip("installing the rest of requirements.txt: a minute or two", "-r", "requirements.txt")
    # flit_core is in requirements.txt; in isolation it would be fetched again each time.
    pip("installing convtools", "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text(fingerprint(), encoding="utf-8")


def usable():
    """Whether .venv has a pip that runs, is at home here and belongs to this Python."""
    script = PYTHON.with_name(PYTHON.name.replace("python", "pip"))
    try:
        words = subprocess.check_output([str(script), "--version"], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    version = "(python {}.{})".format(*sys.version_info[:2])
    return str(VENV) in os.fsdecode(words) and version in os.fsdecode(words)


def site_packages():
    return Path(sysconfig.get_path("purelib", "venv", vars={"base": str(VENV)}))


def forget_half_installed():
    """pip writes RECORD last, yet takes a package without it as installed."""
    for folder in site_packages().glob("*.dist-info"):
        if not (folder / "RECORD").exists():
            shutil.rmtree(str(folder))


def torch_version():
    pins = REQUIREMENTS.read_text(encoding="utf-8")
    return re.search(r"^torch==(\S+)", pins, re.MULTILINE).group(1)


def has_torch():
    installed = [info.stem.partition("+")[0] for info in site_packages().glob("torch-*.dist-info")]
    return f"torch-{torch_version()}" in installed


def install_torch():
    """On Linux from PyTorch's CPU index: the default one's build drags CUDA along."""
    if has_torch() or not sys.platform.startswith("linux"):
        return
    torch = f"torch=={torch_version()}"
    problem = "does not answer"
    if answers(CPU_INDEX):
        what = f"installing {torch} from {CPU_INDEX}: 0.2 GB and no CUDA libraries"
        if pip(what, "--no-deps", "--index-url", CPU_INDEX, torch, may_fail=True):
            return
        forget_half_installed()
        problem = "did not give it, see above"
    say(
        f"{CPU_INDEX} {problem}: {torch} comes from pip's default index, "
        "perhaps with gigabytes of CUDA libraries that the book does not use"
    )


def answers(index):
    from http.client import HTTPException
    from urllib.request import urlopen

    try:
        with urlopen(index + "/torch/", timeout=INDEX_TIMEOUT):
            return True
    except (OSError, HTTPException):
        return False


def pip(what, *arguments, may_fail=False):
    quietly = ["--quiet", "--disable-pip-version-check", "--no-input"]
    return step(what, [str(PYTHON), "-m", "pip", "install", *quietly, *arguments], may_fail)


def step(what, command, may_fail=False):
    """Run `command` and return whether it succeeded; its words are shown where it fails."""
    say(what)
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            try:
                process.wait(HEARTBEAT)
            except subprocess.TimeoutExpired:
                say("still running")
        if process.returncode:
            words.seek(0)
            print(os.fsdecode(words.read()), end="", file=sys.stderr)
            if not may_fail:
                sys.exit(
                    "That failed: fix what is reported above and run it again, to go on from here."
                )
    return process.returncode == 0


def run(command):
    path = str(PYTHON.parent) + os.pathsep + os.environ.get("PATH", "")
    program = shutil.which(command[0], path=path)
    if program is None:
        sys.exit(f"There is no command {command[0]}, neither in .venv nor on the PATH.")
    environment = dict(os.environ, PATH=path, VIRTUAL_ENV=str(VENV))
    process = subprocess.Popen([program, *command[1:]], env=environment)
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to answer
    try:
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)
    say("{} {}".format(" ".join(command), f"failed, exit code {code}" if code else "done"))
    return code if code >= 0 else 128 - code  # as a shell reports a signal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
