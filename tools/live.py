"""Build and serve the book; when a source is saved, build it again and reload its pages.

    python3 tools/venv.py python tools/live.py [PORT]

Standard library only. sphinx-autobuild would run Sphinx instead of Jupyter Book, and reload with an
inline script, which the book's policy forbids (seeing/delivery/policy.py). Here the script is a
file.
"""

import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SOURCES = ["_config.yml", "_toc.yml", "requirements.txt", "book/**/*", "convtools/**/*"]
NOT_SOURCES = (".", "__pycache__")  # files of editors, JupyterLab and Python
PAUSE = 0.3  # seconds between two checks of the sources
SCRIPT = """
const built = new URL(document.currentScript.src).searchParams.get("built");
setInterval(async () => {
    const response = await fetch("/live/built").catch(() => null);
    if (response?.ok && (await response.text()) !== built) location.reload();
}, 500);
"""


class Handler(SimpleHTTPRequestHandler):
    built = ""  # time of the last build

    def handle(self):
        with suppress(ConnectionError):  # a browser that reloads cancels running requests
            super().handle()

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if self.path == "/live/built":
            self.respond("text/plain", self.built)
        elif self.path.startswith("/live/script.js"):
            self.respond("text/javascript", SCRIPT)
        elif path.suffix == ".html" and path.is_file():
            script = f'<script src="/live/script.js?built={self.built}"></script>'
            self.respond("text/html", path.read_text(encoding="utf-8") + script)
        else:
            super().do_GET()

    def respond(self, content_type, text):
        self.send_response(200)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # changed figures keep their names
        super().end_headers()

    def log_message(self, *args):
        """Log nothing, because the terminal is for the build."""


def main(port=8000):
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory="_build/html"))
    except OSError as error:
        sys.exit(
            f"Port {port} can't be used ({error}): choose another, as in "
            "`python3 tools/venv.py python tools/live.py 8001`."
        )
    while True:
        seen = saved()  # before the build, because sources may change while it runs
        failed = subprocess.run(["jupyter-book", "build", "."]).returncode
        if not Handler.built:
            Thread(target=server.serve_forever, daemon=True).start()
        Handler.built = str(time.time())
        print("THE BUILD FAILED, see above." if failed else "The book is built.")
        print(f"It is at http://127.0.0.1:{port}/ and rebuilt on each save. Ctrl+C ends it.")
        sys.stdout.flush()
        while saved() == seen:
            time.sleep(PAUSE)


def saved():
    """Return the time at which each source was saved."""
    times = {}
    for path in (path for pattern in SOURCES for path in Path().glob(pattern)):
        if path.is_file() and not any(part.startswith(NOT_SOURCES) for part in path.parts):
            with suppress(FileNotFoundError):  # a temporary file of an editor
                times[path] = path.stat().st_mtime_ns
    return times


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(*map(int, sys.argv[1:]))
