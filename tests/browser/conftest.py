"""What the browser tests share: Debian's Chromium, pages, and a web server on this machine.

A test whose page logs an error, or asks another host for anything, fails. `site` is the URL of the
built book and `serve(folder)` that of any folder. A file's, for a reader without a server, is
`path.as_uri()`.
"""

import json
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from chromium import launched, served

ROOT = Path(__file__).parents[2]
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
DESKTOP = {"width": 1280, "height": 720}
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
KNOWN = ("/favicon.ico",)  # pages of tests have no icon


def pytest_collection_modifyitems(items):
    """Begin with the longest file, so that no worker waits for it in the end."""
    items.sort(key=lambda item: item.path.name != "test_lab.py")


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
    """The URL of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first", pytrace=False)
    return serve(folder)


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


class Tabs:
    """Tabs that tests use one after the other, as to open one takes longer than to load a page.

    A tab that is given back forgets its page and all that was stored or set. What it cannot forget
    are a clock and scripts that run before those of a page: the fixture `own_page` is for these.
    """

    def __init__(self, browser):
        self.browser = browser
        self.idle = {}  # by the options that cannot be set later

    def take(self, viewport=DESKTOP, **options):
        media = {name: options.pop(name, usual) for name, usual in MEDIA.items()}
        kind = json.dumps(options, sort_keys=True)
        idle = self.idle.setdefault(kind, [])
        tab = idle.pop() if idle else self.browser.new_context(**options).new_page()
        tab.set_viewport_size(viewport)
        tab.emulate_media(media="null", **media)
        return kind, tab

    def give_back(self, kind, tab):
        tab.unroute_all()
        tab.evaluate("try { localStorage.clear(); sessionStorage.clear(); } catch {}")
        tab.mouse.move(0, 0)
        tab.goto("about:blank")
        self.idle[kind].append(tab)


@pytest.fixture(scope="session")
def tabs(browser):
    return Tabs(browser)


class Watch:
    """Notes what goes wrong on a page: an error in its console, a request to another host."""

    def __init__(self):
        self.wrong = []
        self.listeners = {"console": self.hear, "pageerror": self.note, "request": self.see}

    def start(self, page):
        for event, listener in self.listeners.items():
            page.on(event, listener)
        return page

    def stop(self, page):
        for event, listener in self.listeners.items():
            page.remove_listener(event, listener)

    def note(self, *what):
        problem = " ".join(map(str, what))
        if not any(known in problem for known in KNOWN):
            self.wrong.append(problem)

    def hear(self, message):
        if message.type == "error":
            self.note(message.text, message.location)

    def see(self, request):
        if not request.url.startswith(OWN):
            self.note(request.url)


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
