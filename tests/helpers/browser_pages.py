"""Tabs of Chromium for the tests, a log of their errors, and the output of Python code."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
DESKTOP = {"width": 1280, "height": 720}
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
KNOWN = ("/favicon.ico",)  # test pages have no icon


class Tabs:
    """Tabs that tests reuse, because opening a tab takes longer than loading a page.

    A returned tab is reset, with its page, storage and settings. A fake clock and scripts that run
    before those of a page cannot be reset; the fixture `own_page` is for these.
    """

    def __init__(self, browser):
        self.browser = browser
        self.idle = {}  # lists of tabs by the options that cannot be changed later

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
    """Records errors in the console of a page, and requests to other hosts."""

    def __init__(self):
        self.problems = []
        self.listeners = {
            "console": self.on_console,
            "pageerror": self.note,
            "request": self.on_request,
        }

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
            self.problems.append(problem)

    def on_console(self, message):
        if message.type == "error":
            self.note(message.text, message.location)

    def on_request(self, request):
        if not request.url.startswith(OWN):
            self.note(request.url)


def output_of(code):
    """Return the printed output of Python code."""
    with redirect_stdout(StringIO()) as out:
        exec(compile(code, "As PyTorch", "exec"), {})
    return out.getvalue()


def drawn(page, frames=1):
    """Wait until a change is drawn, or for a number of frames."""
    page.evaluate(
        """async (frames) => {
            for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
            await new Promise((done) => setTimeout(done));
        }""",
        frames,
    )
