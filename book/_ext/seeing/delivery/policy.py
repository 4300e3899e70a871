"""A Content-Security-Policy in each page limits what the browser may load and run.

Readers' input never becomes markup; even if it did, the policy would keep it from running. Scripts
and styles come from the book itself. Inline scripts are allowed by their hash: the theme's first
lines, which set light or dark before anything is drawn, and the actions of two of its buttons.
`style` attributes, in which Sphinx and pandas write widths, are allowed because they run no code.

The policy is in the page because hosts such as GitHub Pages do not let us set headers, and a page
opened from a file has none. Content of a chapter that it would block, such as a video, an image
from another host or a widget, is a warning with the line for `_config.yml` that allows it, for
example `allowed_sources: {frame-src: "https://www.youtube.com"}`.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from seeing.delivery.loads import allows, loads, source_of

META = '<meta http-equiv="Content-Security-Policy" content="{}" />\n'
PLACE = META.format("")
OLD = re.compile(META.format('[^"]*'))
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
ACTION = re.compile(r"""\son[a-z]+=(?:"([^"]*)"|'([^']*)')(?=[^<>]*>)""")
FRAME = re.compile(r"""\ssrcdoc=(?:"([^"]*)"|'([^']*)')""")
NONE, UNNAMED = "'none'", "'unsafe-inline'"
REMEDY = "write in _config.yml, below `sphinx: config:`, %s"

logger = logging.getLogger(__name__)


class WarnOfBlocked(SphinxPostTransform):
    """Warn of each output, image and piece of HTML that the policy would block."""

    default_priority = 850  # after MyST-NB has chosen a format of each output
    formats = ("html",)

    def run(self):
        for node in self.document.findall():
            if isinstance(node, nodes.raw) and "html" in node.get("format", "").split():
                warn(self.app, loads(node.astext()), node)
            elif isinstance(node, nodes.image):
                warn(self.app, [("img-src", node["uri"])] if "://" in node["uri"] else [], node)


def setup(app):
    app.add_config_value("allowed_sources", {}, "html", dict)
    app.add_post_transform(WarnOfBlocked)
    app.connect("builder-inited", warn_of_sheets)
    app.connect("html-page-context", warn_of_files, priority=900)
    app.connect("html-page-context", add_placeholder, priority=960)  # above the tags of others
    app.connect("pages-written", write_policies, priority=800)  # after all scripts are added
    app.allow = {}


def warn_of_files(app, pagename, templatename, context, doctree):
    """Warn of external scripts and style sheets of an extension or of `_config.yml`."""
    files = [("script-src", file) for file in context["script_files"]]
    files += [("style-src", file) for file in context["css_files"]]
    html = "".join(
        f'<script src="{file.filename}">{file.attributes.get("body", "")}</script>'
        if directive == "script-src"
        else f'<link rel="stylesheet" href="{file.filename}">'
        for directive, file in files
        if "://" in str(file.filename) or file.attributes.get("body")
    )
    warn(app, loads(html), line_of(Path(app.srcdir, "_config.yml"), html) or pagename, True)


def warn_of_sheets(app):
    """Warn of external URLs in the book's own style sheets."""
    for folder in app.config.html_static_path if app.builder.format == "html" else []:
        for name, _ in app.config.html_css_files:
            sheet = Path(app.srcdir, folder, name)
            css = sheet.read_text(encoding="utf-8") if sheet.is_file() else ""
            for found in loads(f"<style>{css}</style>"):
                warn(app, [found], line_of(sheet, found[1]), True)


def line_of(path, text):
    """Return the location of the first line of a file with a URL that is in the text."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if any(url in text for url in re.findall(r"https?://[^\s\"')\],}]+", line)):
            return f"{path}:{number}"
    return None


def warn(app, found, location, once=False):
    """Warn of loads that the policy would block; with `once`, only of new sources."""
    rules = {name: sources.split() for name, sources in base_rules(app.config).items()}
    needed = {}
    for directive, url in found:
        source = source_of(url)
        known = once and source in app.allow.get(directive, ())
        if not known and not allows(rules.get(directive, []), source):
            needed.setdefault(directive, {})[source] = None
            app.allow.setdefault(directive, {})[source] = None
    if needed:
        line = REMEDY % allowed_line(app.config, needed)
        what = ", ".join(dict.fromkeys(source for all in needed.values() for source in all))
        what = f"the page's policy blocks loading from {what} → {line}"
        logger.warning(what, location=location)
        app.remedies["policy"] = f"For all hosts: {REMEDY % allowed_line(app.config, app.allow)}"


def allowed_line(config, needed):
    """Return the line for `_config.yml` that adds the needed sources to the allowed ones."""
    lines = {**config.allowed_sources}
    for directive, sources in needed.items():
        lines[directive] = [*listed(lines.get(directive, "")).split(), *sources]
    inside = ", ".join(f'{name}: "{listed(sources)}"' for name, sources in lines.items())
    return f"allowed_sources: {{{inside}}}"


def add_placeholder(app, pagename, templatename, context, doctree):
    """Put an empty policy into the head of a page, to be filled when the page is complete."""
    context["metatags"] = f"\n{PLACE}{context.get('metatags', '')}"


def write_policies(app, pages):
    for path, html in pages.items():
        meta = META.format(policy(html, app.config))
        pages[path], count = OLD.subn(lambda found, meta=meta: meta, html)
        if path in app.fresh and count != 1:
            logger.warning("a page without a policy, has the theme changed? %s", path.name)


def base_rules(config):
    """Return the rules of every page, with the additions of `_config.yml`."""
    service = urlsplit(config.feedback_endpoint)
    service = f"{service.scheme}://{service.netloc}" if service.netloc else ""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self' {service}",
        "frame-src": "'self'",
        "form-action": "'self' file:",  # for the search; in Firefox a file is not 'self'
        "base-uri": "'none'",
    }
    for name, sources in config.allowed_sources.items():
        rules[name] = f"{rules.get(name, '').replace(NONE, '')} {listed(sources)}"
    return rules


def listed(sources):
    """Return sources as text for a policy; in `_config.yml` they may be a list."""
    return sources if isinstance(sources, str) else " ".join(map(str, sources))


def policy(html, config):
    """Return the policy of a page."""
    rules = base_rules(config)
    framed = "".join(unescape(a or b) for a, b in FRAME.findall(html))
    if UNNAMED not in rules["script-src"]:  # next to hashes, browsers ignore it
        scripts = hashes(SCRIPT.findall(html) + SCRIPT.findall(framed))
        actions = hashes(unescape(a or b) for a, b in ACTION.findall(html + framed))
        rules["script-src"] += f" {scripts} 'unsafe-hashes' {actions}"
    if UNNAMED not in rules["style-src"]:
        rules["style-src"] += f" {hashes(STYLE.findall(html) + STYLE.findall(framed))}"
    return "; ".join(" ".join(f"{name} {sources}".split()) for name, sources in rules.items())


def hashes(texts):
    """Return the hashes of inline scripts or styles, as a policy lists them."""
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in sorted(set(texts)))
    return " ".join(f"'sha256-{digest}'" for digest in digests)
