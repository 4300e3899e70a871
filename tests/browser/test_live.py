"""tools/live.py rebuilds once after each save, and the browser shows the result (on Linux)."""

import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import expect

from helpers.book import Book

ROOT = Path(__file__).parents[2]
TIMEOUT = 60_000  # milliseconds; a build takes a few thousand


def accept_interrupts():
    """Undo that a shell makes tests in the background ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Live(Book):
    """A small book that is built and served."""

    def __init__(self, folder):
        super().__init__(folder)
        self.write_chapter("first")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"}
        self.log = folder / "printed.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tools" / "live.py", str(self.port)],
                cwd=folder, env=environment, stdout=log, stderr=log,
                preexec_fn=accept_interrupts,
            )  # fmt: skip

    def write_chapter(self, word, more=""):
        self.write("book/chapter.md", f"# A chapter\n\nThe {word} words.\n{more}")

    def printed(self):
        return self.log.read_text(encoding="utf-8")

    def builds(self):
        return self.printed().count("Running Jupyter-Book")

    def wait_for(self, words, times=1):
        self.until(lambda: self.printed().count(words) >= times)

    def until(self, condition):
        deadline = time.monotonic() + TIMEOUT / 1000
        while not condition():
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.01)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    live = Live(tmp_path_factory.mktemp("live") / "book")
    with live.process:
        try:
            live.wait_for(live.url)
            yield live
        finally:
            live.process.kill()


def test_saved_text_is_shown_also_after_a_failed_build(live, page):
    before, failed = live.builds(), live.printed().count("FAILED")
    page.goto(f"{live.url}book/chapter.html")
    expect(page.get_by_text("words.")).to_be_visible()
    live.write_chapter("wrong", more="{ref}`nowhere`\n")
    live.wait_for("FAILED", failed + 1)
    assert "undefined label: 'nowhere'" in live.printed()
    page.goto(f"{live.url}book/chapter.html")
    live.write_chapter("right")
    expect(page.get_by_text("The right words.")).to_be_visible(timeout=TIMEOUT)
    assert live.printed().count("FAILED") == failed + 1
    assert live.builds() == before + 2, "one build for each save"


def test_cancelled_request_is_not_an_error(live):
    process = psutil.Process(live.process.pid)
    idle = process.num_threads()
    with socket.create_connection(("127.0.0.1", live.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reader.send(b"GET /_static/scripts/bootstrap.js HTTP/1.0\r\n\r\n")  # then closes
    with urlopen(f"{live.url}live/built") as response:  # a later request
        assert response.read()
    live.until(lambda: process.num_threads() <= idle)
    assert "Traceback" not in live.printed()


def test_interrupt_stops_the_server(tmp_path):
    live = Live(tmp_path)
    with live.process:
        try:
            live.wait_for("Running Jupyter-Book")
            live.process.send_signal(signal.SIGINT)
            assert live.process.wait(TIMEOUT / 1000) == 0
        finally:
            live.process.kill()


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    monkeypatch.chdir(tmp_path)
    return importlib.import_module("live").saved


@pytest.mark.parametrize("name", ["book/a.md", "book/_static/a.css", "convtools/a.py", "_toc.yml"])
def test_source_is_watched(name, saved):
    before = saved()
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("new", encoding="utf-8")
    after = saved()
    assert after != before
    os.utime(name, (1, 1))
    assert saved() != after


@pytest.mark.parametrize(
    "name", ["_build/html/a.html", "convtools/__pycache__/a.pyc", "book/.ipynb_checkpoints/a.md"]
)
def test_other_files_are_not_watched(name, saved):
    Path(name).parent.mkdir(parents=True)
    before = saved()
    Path(name).write_text("new", encoding="utf-8")
    assert saved() == before
