"""What the browser tests share: Debian's Chromium, fresh pages, and a web server on this machine.

A test whose page logs an error, or asks another host for anything, fails. `site` is the address of
the built book and `serve(folder)` that of any folder. A file's, for a reader without a server, is
`path.as_uri()`.
"""

import shutil
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
KNOWN = ("/favicon.ico",)  # pages of tests have no icon


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def server(folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(scope="session")
def serve():
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(server(folder))


@pytest.fixture(scope="session")
def site(serve):
    """The address of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first", pytrace=False)
    return serve(folder)


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.fail("there is no Chromium: apt install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


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
