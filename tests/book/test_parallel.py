"""Chapters are read on all processors."""

import multiprocessing
import os
import signal
import sys
from runpy import run_path
from time import sleep
from types import SimpleNamespace

import pytest
import yaml
from sphinx.errors import SphinxParallelError
from test_build import CHAPTER, FAULTS, TOC, Book


@pytest.fixture
def app(root):
    extensions = {"sphinx_multitoc_numbering": SimpleNamespace(parallel_read_safe=None)}
    app = SimpleNamespace(extensions=extensions, handlers={})
    app.connect = lambda event, handler, **options: app.handlers.update({event: handler})
    run_path(root / "book/_ext/parallel.py")["setup"](app)
    return app


def test_all_processors_read_and_one_writes(app):
    app.handlers["config-inited"](app, None)
    assert app.parallel == os.cpu_count()
    assert app.extensions["sphinx_multitoc_numbering"].parallel_read_safe
    app.handlers["env-updated"](app, None)  # when all are read
    assert app.parallel == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Sphinx forks, or reads alone")
def test_failed_build_does_not_wait_for_who_will_not_stop(app):
    def run(ready):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready.set()
        sleep(600)

    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=run, args=[ready])
    process.start()
    assert ready.wait(30)
    process.terminate()
    app.handlers["build-finished"](app, SphinxParallelError("a cell failed", ""))
    process.join(30)
    code = process.exitcode
    process.kill()
    assert code == -signal.SIGKILL


def test_failed_build_says_why(tmp_path, root):
    book = Book(tmp_path, root)
    names = [f"book/part-{number}" for number in range(6)]  # Sphinx reads five or fewer alone
    for name in names:
        book.write(f"{name}.md", "# A part\n")
    book.write("_toc.yml", yaml.safe_dump(TOC | {"chapters": [{"file": name} for name in names]}))
    book.write(f"{names[3]}.md", CHAPTER + FAULTS["a cell that raises"][0])
    code, said = book.build()
    assert code == 1
    assert "Sphinx parallel build error" in said or os.name != "posix" or os.cpu_count() == 1
    assert "ZeroDivisionError" in said


def test_every_extension_allows_it(root):
    for path in sorted((root / "book/_ext").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "def setup(app)" in source:
            assert '"parallel_read_safe": True, "parallel_write_safe": True' in source, path.name
