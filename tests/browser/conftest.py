"""What the browser tests share: Debian's Chromium, fresh pages, and a web server on this machine.

A test whose page logs an error, or asks another host for anything, fails. `site` is the address of
the built book and `serve(folder)` that of any folder. A file's, for a reader without a server, is
`path.as_uri()`.
"""

from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from chromium import launched, served

ROOT = Path(__file__).parents[2]
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
KNOWN = ("/favicon.ico",)  # pages of tests have no icon


def output_of(code):
    """Return what Python prints when it runs the code."""
    with redirect_stdout(StringIO()) as out:
        exec(compile(code, "As PyTorch", "exec"), {})
    return out.getvalue()


@pytest.fixture(scope="session")
def serve():
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder))


@pytest.fixture(scope="session")
def site(serve):
    """The address of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first", pytrace=False)
    return serve(folder)


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture
def new_page(browser):
    """Make a page for a new reader, with Playwright's options for a context."""
    contexts, wrong = [], []

    def note(*what):
        problem = " ".join(map(str, what))
        if not any(known in problem for known in KNOWN):
            wrong.append(problem)

    def new_page(**options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda said: said.type == "error" and note(said.text, said.location))
        page.on("pageerror", note)
        page.on("request", lambda asked: asked.url.startswith(OWN) or note(asked.url))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(new_page):
    return new_page()
