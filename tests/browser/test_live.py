"""tools/live.py builds what is saved, once, and the browser shows it (on Linux)."""

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
TIMEOUT = 60_000  # milliseconds, of which a build takes a few thousand


def heed_interrupts():
    """A shell that runs the tests in the background has its children ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Live(Book):
    """A small book that is built and served."""

    def __init__(self, folder):
        super().__init__(folder)
        self.say("first")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"}
        self.log = folder / "said.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tools" / "live.py", str(self.port)],
                cwd=folder, env=environment, stdout=log, stderr=log,
                preexec_fn=heed_interrupts,
            )  # fmt: skip

    def say(self, word, more=""):
        self.write("book/chapter.md", f"# A chapter\n\nThe {word} words.\n{more}")

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def builds(self):
        return self.said().count("Running Jupyter-Book")

    def wait_for(self, words, times=1):
        self.until(lambda: self.said().count(words) >= times)

    def until(self, condition):
        deadline = time.monotonic() + TIMEOUT / 1000
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
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


def test_what_is_saved_is_shown_also_after_a_failed_build(live, page):
    before, failed = live.builds(), live.said().count("FAILED")
    page.goto(f"{live.url}book/chapter.html")
    expect(page.get_by_text("words.")).to_be_visible()
    live.say("wrong", more="{ref}`nowhere`\n")
    live.wait_for("FAILED", failed + 1)
    assert "undefined label: 'nowhere'" in live.said()
    page.goto(f"{live.url}book/chapter.html")
    live.say("right")
    expect(page.get_by_text("The right words.")).to_be_visible(timeout=TIMEOUT)
    assert live.said().count("FAILED") == failed + 1
    assert live.builds() == before + 2, "each is built once"


def test_reader_who_leaves_is_no_error(live):
    process = psutil.Process(live.process.pid)
    idle = process.num_threads()
    with socket.create_connection(("127.0.0.1", live.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reader.send(b"GET /_static/scripts/bootstrap.js HTTP/1.0\r\n\r\n")  # and hangs up
    with urlopen(f"{live.url}live/built") as answer:  # which comes after that
        assert answer.read()
    live.until(lambda: process.num_threads() <= idle)
    assert "Traceback" not in live.said()


def test_interrupt_ends_it(tmp_path):
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
def test_what_is_no_source_is_not_watched(name, saved):
    Path(name).parent.mkdir(parents=True)
    before = saved()
    Path(name).write_text("new", encoding="utf-8")
    assert saved() == before
