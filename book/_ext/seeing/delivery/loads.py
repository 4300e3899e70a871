"""The URLs that a piece of HTML loads, each with the policy directive that covers it."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

URLS = {  # tag and attribute: directive
    ("script", "src"): "script-src",
    ("img", "src"): "img-src",
    ("input", "src"): "img-src",
    ("image", "href"): "img-src",
    ("video", "poster"): "img-src",
    ("video", "src"): "media-src",
    ("audio", "src"): "media-src",
    ("source", "src"): "media-src",
    ("track", "src"): "media-src",
    ("iframe", "src"): "frame-src",
    ("embed", "src"): "object-src",
    ("object", "data"): "object-src",
    ("form", "action"): "form-action",
}
FACE = re.compile(r"@font-face\s*\{[^}]*\}")
CSS_LOADS = re.compile(r"""@import\s+(?:url\()?["']?([^"')\s;]+)|url\(\s*["']?([^"')]+)""")
REQUESTS = {  # patterns of requests in a script
    r"""\bimport\s*\(?[^"';]*["']((?:https?:)?//[^"']+)""": "script-src",
    r"""\.src\s*=\s*["']((?:https?:)?//[^"']+\.js[^"']*)""": "script-src",
    r"""\b(?:fetch|d3\.\w+)\(\s*["']((?:https?:)?//[^"']+)""": "connect-src",
}
# Libraries that load more, or turn strings into code and styles, at run time. Their needs were
# determined by trying the HTML output of Altair 6.3, ipywidgets 8.1 and Bokeh 3.8.
LIBRARIES = {
    r"vegaEmbed|vega-embed": {
        "script-src": ["https://cdn.jsdelivr.net", "'unsafe-eval'"],
        "style-src": ["'unsafe-inline'"],
    },
    r"html-manager@|jupyter\.widget-view": {
        "script-src": ["https://cdnjs.cloudflare.com", "https://cdn.jsdelivr.net", "'unsafe-eval'"],
        "style-src": ["'unsafe-inline'"],
        "font-src": ["https://cdn.jsdelivr.net"],
    },
    r"fonts\.googleapis\.com": {"font-src": ["https://fonts.gstatic.com"]},
    r"plotly[\w.-]*js\b": {"style-src": ["'unsafe-inline'"]},
}
LOADING_LINKS = {"stylesheet": "style-src", "icon": "img-src", "preload": "", "manifest": ""}


def loads(html):
    """Return a list of the directives and URLs that a piece of HTML loads."""
    parser = _Loads()
    parser.feed(html)
    parser.close()
    return list(dict.fromkeys(parser.found))


class _Loads(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.inside = [], ""

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attributes:
            directive = URLS.get((tag, name.removeprefix("xlink:")))
            if directive and value:
                self.add(directive, value)
            if name == "srcset":
                for part in (value or "").split(","):
                    self.add("img-src", part.split()[0] if part.split() else "")
            elif name == "srcdoc":
                self.found += loads(value or "")
            elif name == "style":
                self.find_in_css(value or "")
            elif name in ("src", "type") and tag == "script":
                self.find_library(value or "")
        if tag == "link":
            self.find_library(values.get("href") or "")
            kinds = (values.get("rel") or "").lower().split()
            for directive in [LOADING_LINKS[kind] for kind in kinds if LOADING_LINKS.get(kind)]:
                self.add(directive, values.get("href") or "")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, text):
        if self.inside == "style":
            self.find_in_css(text)
        elif self.inside == "script":
            for words, directive in REQUESTS.items():
                for url in re.findall(words, text):
                    self.add(directive, url)
            self.find_library(text)

    def find_in_css(self, css):
        for face in FACE.findall(css):
            for _, url in CSS_LOADS.findall(face):
                self.add("font-src", url)
        for imported, url in CSS_LOADS.findall(FACE.sub("", css)):
            self.add("style-src" if imported else "img-src", imported or url)
            self.find_library(imported)

    def find_library(self, text):
        for words, needs in LIBRARIES.items():
            if re.search(words, text):
                self.found += [(name, source) for name, all in needs.items() for source in all]

    def add(self, directive, url):
        url = url.strip()
        if url and not url.startswith("#"):
            self.found.append((directive, url))


def source_of(url):
    """Return the origin of a URL as a policy source, 'self' for the book's own files."""
    if url.startswith("'"):
        return url
    parts = urlsplit(url)
    if parts.netloc:
        return f"{parts.scheme or 'https'}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme in ("data", "blob") else "'self'"


def allows(sources, source):
    """Return whether the sources of a directive include another source."""
    scheme, _, host = source.partition("://")
    return source in sources or any(
        allowed in ("*", f"{scheme}:")
        or allowed.rstrip("/") in (source, host)
        or (allowed.startswith(f"{source}/"))
        or (
            "*." in allowed
            and host.endswith(allowed.rpartition("*")[2])
            and scheme in allowed + "https"
        )
        for allowed in sources
        if not source.startswith("'") and (host or allowed == source)
    )
