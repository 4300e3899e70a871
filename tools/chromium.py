"""Debian's Chromium, and a web server on this machine, for the tests and the benchmarks."""

import shutil
import sys
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Log nothing."""


@contextmanager
def served(folder, handler=Handler):
    """Serve a folder, and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def chromium():
    """Return the path of Chromium."""
    return shutil.which("chromium") or sys.exit("there is no Chromium: apt install chromium")


@contextmanager
def launched():
    """Start Chromium, and yield it as a browser of Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        yield browser
        browser.close()
