"""Pages of Chromium for the tests: which tab, what goes wrong there, and what its code prints."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
DESKTOP = {"width": 1280, "height": 720}
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
KNOWN = ("/favicon.ico",)  # pages of tests have no icon


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


def output_of(code):
    """Return what Python prints when it runs the code."""
    with redirect_stdout(StringIO()) as out:
        exec(compile(code, "As PyTorch", "exec"), {})
    return out.getvalue()


def drawn(page, frames=1):
    """Wait until what was set is drawn, or for some more frames."""
    page.evaluate(
        """async (frames) => {
            for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
            await new Promise((done) => setTimeout(done));
        }""",
        frames,
    )
