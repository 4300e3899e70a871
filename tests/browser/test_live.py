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

import pytest
from playwright.sync_api import expect
from test_build import Book

ROOT = Path(__file__).parents[2]
TIMEOUT = 60_000  # milliseconds, of which a build takes a few thousand


class Live(Book):
    """A small book that is built and served."""

    def __init__(self, folder):
        super().__init__(folder, ROOT)
        self.say("first")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"}
        self.log = folder / "said.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tools" / "live.py", str(self.port)],
                cwd=folder, env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    def say(self, word, more=""):
        self.write("book/chapter.md", f"# A chapter\n\nThe {word} words.\n{more}")

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def builds(self):
        return self.said().count("Running Jupyter-Book")

    def wait_for(self, words):
        deadline = time.monotonic() + TIMEOUT / 1000
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    live = Live(tmp_path_factory.mktemp("live"))
    with live.process:
        try:
            live.wait_for(live.address)
            yield live
        finally:
            live.process.kill()


# In this order: the second test ends what the first has begun.


def test_page_shows_what_was_saved_last_also_after_a_failed_build(live, page):
    page.goto(f"{live.address}book/chapter.html")
    expect(page.get_by_text("The first words.")).to_be_visible()

    live.say("second", more="{ref}`nowhere`\n")
    live.wait_for("FAILED")
    assert "undefined label: 'nowhere'" in live.said()
    page.goto(f"{live.address}book/chapter.html")

    live.say("third")
    expect(page.get_by_text("The third words.")).to_be_visible(timeout=TIMEOUT)
    assert live.said().count("FAILED") == 1


def test_nothing_is_built_twice_or_said_of_a_reader_who_leaves_and_an_interrupt_ends_it(live):
    with socket.create_connection(("127.0.0.1", live.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reader.send(b"GET /_static/scripts/bootstrap.js HTTP/1.0\r\n\r\n")  # and hangs up
    time.sleep(2)
    assert live.builds() == 3
    assert "Traceback" not in live.said()

    live.process.send_signal(signal.SIGINT)
    assert live.process.wait(10) == 0


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
