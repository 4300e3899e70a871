"""Print the cost of a first visit of each chapter on a phone, for this book and a stock one.

    make bench-pages

Both books are built, and their pages are served with compression and opened by Lighthouse
(https://github.com/GoogleChrome/lighthouse), which scores performance, accessibility, best
practices and SEO. In the light and the dark theme, at 360 and 1280 pixels, the table counts the
faults that axe finds, the errors in the console except unreachable hosts, and the other hosts that
the page contacts. Screenshots of both books are saved to `_build/pages`. Needs Chromium, npx and
the packages of tests/browser.
"""

import gzip
import json
import mimetypes
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import axe
from build import CHAPTERS, ROOT, build, make_book
from chromium import OPTIONS, Handler, chromium, launched, served

LIGHTHOUSE = "lighthouse@12.8.2"
SCREENSHOTS = ROOT / "_build" / "pages"
SCORES = ["performance", "accessibility", "best-practices", "seo"]
TABLE = "| {} | {} | {} | {:.0f} | {} | {:.1f} | {:.3f} | {} | {} | {} |"


class Compressing(Handler):
    """A web server that compresses text."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802, as http.server calls it
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
        is_text = mime.startswith("text/") or mime.endswith(("javascript", "json", "xml"))
        body = gzip.compress(path.read_bytes()) if is_text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{mime}; charset=utf-8" if is_text else mime)
        if is_text:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    print(
        "| chapter | book | scores | kB | requests | LCP, s | CLS | axe | errors | hosts |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        for kind in ["ours", "stock"]:
            book = Path(folder, kind)
            make_book(book, 1, stock=kind == "stock")
            with served(book / "_build" / "html", Compressing) as url:
                os.environ["BOOK_URL"] = url
                build(book)
                for chapter in CHAPTERS:
                    page, name = f"{url}/{chapter}.html", Path(chapter).name
                    measured = [*visit(page), *look(browser, page, f"{name}-{kind}")]
                    print(TABLE.format(name, kind, *measured), flush=True)


def visit(page):
    """Return the results of Lighthouse for a page."""
    done = subprocess.run(
        ["npx", "--yes", LIGHTHOUSE, page, "--output=json", "--quiet",
         f"--chrome-flags=--headless=new {' '.join(OPTIONS)}"],
        env=os.environ | {"CHROME_PATH": chromium()}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    report = json.loads(done.stdout)
    audits = report["audits"]
    return (
        " ".join(f"{100 * report['categories'][score]['score']:.0f}" for score in SCORES),
        audits["total-byte-weight"]["numericValue"] / 1000,
        len(audits["network-requests"]["details"]["items"]),
        audits["largest-contentful-paint"]["numericValue"] / 1000,
        audits["cumulative-layout-shift"]["numericValue"],
    )


def look(browser, url, name):
    """Return the numbers of faults of axe, of errors in the console, and of other hosts."""
    faults = errors = 0
    hosts = set()
    for theme in ["light", "dark"]:
        for width in [360, 1280]:
            viewport = {"width": width, "height": 800}
            page = browser.new_page(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
            logged = []
            page.on("console", lambda message, log=logged: log.append((message.type, message.text)))
            page.on("pageerror", lambda error, log=logged: log.append(("error", str(error))))
            page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
            page.goto(url)
            page.screenshot(path=SCREENSHOTS / f"{name}-{theme}-{width}.png")
            faults += sum(map(len, axe.faults(page).values()))
            errors += sum(kind == "error" and "net::" not in text for kind, text in logged)
            page.close()
    return faults, errors, len(hosts - {"", urlsplit(url).netloc})


if __name__ == "__main__":
    main()
