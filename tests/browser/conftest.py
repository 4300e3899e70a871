"""What the browser tests share: Debian's Chromium, pages, and a web server on this machine.

A test whose page logs an error, or asks another host for anything, fails. `site` is the URL of the
built book and `serve(folder)` that of any folder. A file's, for a reader without a server, is
`path.as_uri()`.
"""

from contextlib import ExitStack

import pytest
from chromium import launched, served

from helpers.browser_pages import ROOT, Tabs, Watch


def pytest_collection_modifyitems(items):
    """Begin with the longest file, so that no worker waits for it in the end."""
    items.sort(key=lambda item: item.path.name != "test_lab.py")


@pytest.fixture(scope="session")
def serve():
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder))


@pytest.fixture(scope="session")
def site(serve):
    """The URL of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first", pytrace=False)
    return serve(folder)


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def tabs(browser):
    return Tabs(browser)


@pytest.fixture
def watch():
    watch = Watch()
    yield watch
    assert watch.wrong == []


@pytest.fixture
def new_page(tabs, watch):
    """Give a page to a new reader, with Playwright's options for a context."""
    taken = []

    def new_page(**options):
        taken.append(tabs.take(**options))
        return watch.start(taken[-1][1])

    yield new_page
    for kind, page in taken:
        tabs.give_back(kind, page)
        watch.stop(page)


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def own_page(browser, watch):
    """Make a page that no other test uses, for a clock or for scripts before those of the page."""
    contexts = []

    def own_page(**options):
        contexts.append(browser.new_context(**options))
        return watch.start(contexts[-1].new_page())

    yield own_page
    for context in contexts:
        context.close()
