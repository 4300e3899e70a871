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

OLDEST_PYTHON = (3, 11)
DISK_GB = 3  # while installing; 1.5 remain
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
INDEX_TIMEOUT = 5  # seconds
HEARTBEAT = 15  # seconds

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
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
    if sys.version_info < OLDEST_PYTHON:
        needed, found = (".".join(map(str, v[:3])) for v in (OLDEST_PYTHON, sys.version_info))
        sys.exit(
            f"Python {needed} or newer is needed, this is {found}: "
            "install one and name it, as in `make PYTHON=python3.12 html`."
        )


def check_venv_module():
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        sys.exit(
            "This Python cannot make virtual environments: install what is missing "
            "(Debian, Ubuntu: `apt install python{}.{}-venv`).".format(*sys.version_info[:2])
        )


def check_disk():
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < DISK_GB:
        sys.exit(f"{DISK_GB} GB of disk are needed in {ROOT}, {free:.1f} are free: make room.")


def fingerprint():
    """What .venv depends on. Its place belongs to it: the scripts inside name it."""
    parts = [sys.version.encode(), str(VENV).encode()]
    parts += [path.read_bytes() for path in (REQUIREMENTS, ROOT / "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def up_to_date():
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def set_up():
    check_venv_module()
    if usable():
        STAMP.unlink(missing_ok=True)
        forget_half_installed()
    else:
        check_disk()
        step("making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    install_torch()
    pip("installing the rest of requirements.txt: a minute or two", "-r", "requirements.txt")
    pip("installing convtools", "--no-deps", "--editable", ".")
    STAMP.write_text(fingerprint())


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


def install_torch():
    """On Linux from PyTorch's CPU index: the default one's build drags CUDA along."""
    version = re.search(r"^torch==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE).group(1)
    installed = [info.stem.partition("+")[0] for info in site_packages().glob("torch-*.dist-info")]
    if f"torch-{version}" in installed or not sys.platform.startswith("linux"):
        return
    if answers(CPU_INDEX):
        what = f"installing torch {version} from {CPU_INDEX}: 0.2 GB and no CUDA libraries"
        pip(what, "--no-deps", "--index-url", CPU_INDEX, f"torch=={version}")
    else:
        say(
            f"{CPU_INDEX} does not answer: torch {version} comes from pip's default index, "
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


def pip(what, *arguments):
    quietly = ["--quiet", "--disable-pip-version-check", "--no-input"]
    step(what, [str(PYTHON), "-m", "pip", "install", *quietly, *arguments])


def step(what, command):
    """Run `command`; its words are shown where it fails."""
    say(what)
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            try:
                process.wait(HEARTBEAT)
            except subprocess.TimeoutExpired:
                say("still at it")
        if process.returncode:
            words.seek(0)
            print(os.fsdecode(words.read()), end="", file=sys.stderr)
            sys.exit("That failed: mend what is said above and call again, it goes on from here.")


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
