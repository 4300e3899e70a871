"""Each page says what it may load, and the browser holds it to that (Content-Security-Policy).

A reader's words never become markup; should they ever, nothing of theirs would run. Scripts and
styles come from the book itself. What stands in the page is named by its hash: the theme's first
lines, which set light or dark before anything is drawn, and the actions of two of its buttons.
Widths that Sphinx and pandas write as `style` attributes remain allowed: attributes run nothing.

It stands in the page because hosts such as GitHub Pages send no headers of ours, and a page opened
from a file has none. To let a widget of another host into a chapter, name the host in
`_config.yml`, for example `allowed_sources: {script-src: "https://cdn.example.org"}`.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from urllib.parse import urlsplit

META = '<meta http-equiv="Content-Security-Policy" content="{}" />'
OLD = re.compile(META.format('[^"]*').replace("/>", "/>\n"))
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
ACTION = re.compile(r'\son[a-z]+="([^"]*)"(?=[^<>]*>)')
CHARSET = '<meta charset="utf-8" />\n'


def setup(app):
    app.add_config_value("allowed_sources", {}, "html", dict)
    app.connect("pages-written", name_policies)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def name_policies(app, pages):
    for path, html in pages.items():
        pages[path] = with_policy(html, app.config)


def with_policy(html, config):
    plain = OLD.sub("", html)
    return plain.replace(CHARSET, f"{CHARSET}{META.format(policy(plain, config))}\n", 1)


def policy(html, config):
    """Return the policy of a page."""
    service = urlsplit(config.feedback_endpoint)
    service = f"{service.scheme}://{service.netloc}" if service.netloc else ""
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' {hashes(SCRIPT, html)} 'unsafe-hashes' {hashes(ACTION, html)}",
        "style-src": f"'self' {hashes(STYLE, html)}",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self'",
        "connect-src": f"'self' {service}",
        "form-action": "'self' file:",  # Firefox: a file is not 'self', and the search is a form
        "base-uri": "'none'",
    }
    for name, sources in config.allowed_sources.items():
        rules[name] = f"{rules.get(name, '')} {sources}"
    return "; ".join(" ".join(f"{name} {sources}".split()) for name, sources in rules.items())


def hashes(pattern, html):
    """Return the hashes of what stands in the page, as a policy lists them."""
    inline = sorted(
        {unescape(found) if pattern is ACTION else found for found in pattern.findall(html)}
    )
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in inline)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
