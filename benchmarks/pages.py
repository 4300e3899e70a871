"""What a first visit of each chapter costs on a phone, beside a stock build of the same chapters.

    make bench-pages

Both books are built, the pages are served as a web server sends them, compressed, and Lighthouse
(https://github.com/GoogleChrome/lighthouse) opens each: its scores are those of performance,
accessibility, best practices and SEO. In light and dark, at 360 and 1280 pixels, axe counts what it
finds, the console its errors (a host out of reach is none), and the last column the other hosts
that the page asks. Pictures of both books are left in `_build/pages`. Needs Chromium, npx and the
packages of tests/browser.
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
PICTURES = ROOT / "_build" / "pages"
SCORES = ["performance", "accessibility", "best-practices", "seo"]
TABLE = "| {} | {} | {} | {:.0f} | {} | {:.1f} | {:.3f} | {} | {} | {} |"


class Compressing(Handler):
    """A web server that compresses text."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802, as http.server calls it
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        is_text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
        body = gzip.compress(path.read_bytes()) if is_text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if is_text else kind)
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
    """Return what Lighthouse says of a page."""
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
    """Return how many faults axe finds, errors the console shows, and other hosts are asked."""
    faults = errors = 0
    hosts = set()
    for theme in ["light", "dark"]:
        for width in [360, 1280]:
            viewport = {"width": width, "height": 800}
            page = browser.new_page(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
            said = []
            page.on("console", lambda message, said=said: said.append((message.type, message.text)))
            page.on("pageerror", lambda error, said=said: said.append(("error", str(error))))
            page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
            page.goto(url)
            page.screenshot(path=PICTURES / f"{name}-{theme}-{width}.png")
            faults += sum(map(len, axe.faults(page).values()))
            errors += sum(kind == "error" and "net::" not in text for kind, text in said)
            page.close()
    return faults, errors, len(hosts - {"", urlsplit(url).netloc})


if __name__ == "__main__":
    main()
