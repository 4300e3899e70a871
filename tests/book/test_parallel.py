"""Chapters are executed in parallel on any machine, and the first build does not fail."""

import os
import re
import signal
import subprocess
import sys
from time import sleep

import psutil
import pytest
import yaml
from filelock import FileLock

from helpers.book import NOTEBOOK, TOC, Book

PROCESSORS = """
import os
os.cpu_count = lambda: 8
os.sched_getaffinity = lambda process: set(range(8))
"""
CELL = "```{{code-cell}} python\n{}\n```\n"
WAIT_FOR_ANOTHER = """
import time
from pathlib import Path
import matplotlib.pyplot
log = Path("{name}.log").open("a", buffering=1)
log.write("executed ")
deadline = time.monotonic() + 90
while len(list(Path().glob("part-*.log"))) < 2:
    assert time.monotonic() < deadline, "no other chapter is executed at the same time"
    time.sleep(0.1)
"""


def chapters(folder, codes):
    """Return a book with one chapter for each code, as if on a machine with eight processors."""
    book = Book(folder)
    book.write("sitecustomize.py", PROCESSORS)
    for name, code in codes.items():
        book.write(f"book/{name}.md", f"{NOTEBOOK}# A chapter\n\n{CELL.format(code)}")
    toc = TOC | {"chapters": [{"file": f"book/{name}"} for name in codes]}
    book.write("_toc.yml", yaml.safe_dump(toc))
    return book


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder."""
    for name in ["HOME", "USERPROFILE", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME"]:
        monkeypatch.setenv(name, str(tmp_path / "home"))


def test_first_build_of_many_chapters_executes_each_once_in_parallel(home, tmp_path):
    names = [f"part-{number}" for number in range(6)]
    codes = {name: WAIT_FOR_ANOTHER.format(name=name) for name in names}
    book = chapters(tmp_path / "book", codes)
    with book.start() as process:
        printed, _ = process.communicate()
    assert process.returncode == 0, printed
    logs = [(book.folder / f"book/{name}.log").read_text(encoding="utf-8") for name in names]
    assert logs == ["executed "] * len(names)
    assert len(list((book.folder / "_build/.jupyter_cache/executed").iterdir())) == len(names)


@pytest.fixture
def parallel(extension):
    return extension("truth.parallel")


@pytest.mark.parametrize(
    ("allowed", "memory", "expected"),
    [(8, 64, 8), (8, 3, 3), (2, 64, 2), (4, 0.5, 1)],
)
def test_processes_fit_processors_and_memory(
    allowed, memory, expected, parallel, tmp_path, monkeypatch
):
    monkeypatch.setattr(parallel, "CONTAINER", tmp_path)  # without limits
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    free = psutil.virtual_memory()._replace(available=int(memory * 2**30))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert parallel.processes() == expected


@pytest.fixture
def limits(parallel, tmp_path, monkeypatch):
    """Return a function that sets the limits of a container."""
    monkeypatch.setattr(parallel, "CONTAINER", tmp_path)
    return lambda **files: [
        (tmp_path / name.replace("_", ".")).write_text(text) for name, text in files.items()
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu_max": "200000 100000"}, 2),
        ({"cpu_max": "max 100000", "memory_max": "max"}, 8),
        ({"memory_max": f"{5 * 2**30}", "memory_current": f"{2 * 2**30}"}, 3),
    ],
)
def test_processes_fit_the_limits_of_a_container(files, expected, limits, parallel, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    free = psutil.virtual_memory()._replace(available=64 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    limits(**files)
    assert parallel.processes() == expected


def test_each_failing_chapter_is_reported(tmp_path, monkeypatch):
    codes = {
        "alike": "6 * 7\n```\n\nText.\n\n```{code-cell} python\n1",
        "bad": "1 / 0",
        "good": "6 * 7\n```\n\n```{code-cell} python\n1",
        "hidden": ":tags: [remove-cell]\nimport nothing_of_this_name",
        "killed": "import os\nos._exit(1)",
    }
    book = chapters(tmp_path / "book", codes)
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")  # of a pipe on Windows
    with book.start(errors="replace") as process:
        text, _ = process.communicate()
    assert process.returncode == 1, text
    assert "3 things to fix:" in text
    for name, error in {
        "bad": "ZeroDivisionError",
        "hidden": "No module named 'nothing_of_this_name'",
        "killed": "DeadKernelError",
    }.items():
        assert re.search(rf"book/{name}\.md.*{error}", text), name
    assert not re.search(r"book/(alike|good)\.md.*WARNING", text)


def test_sockets_are_not_used_if_their_paths_are_too_long(tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    chapters(tmp_path / "book", {"one": "1"}).make()


def test_second_build_waits_for_the_first(tmp_path):
    book = Book(tmp_path / "book")
    book.write("book/chapter.md", "# A chapter\n\nProse.\n")
    (book.folder / "_build").mkdir()
    with FileLock(book.folder / "_build/.lock"):
        build = book.start()
        printed = ""
        while "waiting for it to end" not in printed:
            printed = build.stdout.readline()
            assert printed, "the build did not wait"
        assert not (book.folder / "_build/html/book").exists()
    build.communicate()
    assert build.returncode == 0
    assert (book.folder / "_build/html/book/chapter.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_interrupted_build_leaves_no_kernel(tmp_path):
    sleeping = "import time\nopen('{}', 'w').close()\ntime.sleep(600)"
    names = ["one", "two"]
    book = chapters(tmp_path / "book", {name: sleeping.format(name) for name in names})
    build = book.start(stdout=subprocess.DEVNULL)
    while not all((book.folder / "book" / name).exists() for name in names):
        assert build.poll() is None
        sleep(0.1)
    kernels = psutil.Process(build.pid).children(recursive=True)
    assert len(kernels) >= 2
    build.send_signal(signal.SIGINT)
    assert build.wait(60) != 0
    assert psutil.wait_procs(kernels, 30)[1] == []
