"""A published book shows its version, and has a sitemap, a 404 page and social cards.

A build is for publication if the book's URL is known, from BOOK_URL in the environment, which the
workflow for GitHub Pages sets, or from `html_baseurl` in `_config.yml`. Then the footer of each
page shows the version, the commit, a link to its source at that commit, and the date of its last
change. A local build has none of these, so that a commit does not make all pages out of date. Both
have a description of each page.

Both are reproducible: clean builds of one commit have the same bytes, because all times written
to files are that of the commit (https://reproducible-builds.org/specs/source-date-epoch).
"""

import json
import os
import re
import sysconfig
from hashlib import sha256
from html import escape
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

from docutils import nodes
from PIL import Image

from seeing.delivery import policy
from seeing.delivery.repository import git
from seeing.delivery.words import _

PACKAGES = sysconfig.get_path("purelib")
DISTRIBUTION = "seeing-with-convolutions"  # the name under which convtools is installed
EXTENSIONS = ["notfound.extension", "sphinx_sitemap", "sphinxext.opengraph"]
FOOTER = '<p>{edition}, <a href="{url}/commit/{commit}">{words} {commit:.7}</a>. '
FOOTER += '<a href="{url}/blob/{commit}/{source}">{link}</a>.</p>'
DESCRIPTION = '\n<meta name="description" content="{}" />'
LENGTH = 160  # of a description; search engines show no more
ROOT = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8" />
{policy}<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1" />
{description}
<link rel="canonical" href="{canonical}" />
<meta http-equiv="refresh" content="0; url={target}" />
</head>
<body><p><a href="{target}">{title}</a></p></body>
</html>
"""
NO_REPOSITORY = "<p>{edition}.</p>"


def setup(app):
    time = git(app.srcdir, "log", "-1", "--format=%ct")
    if time:
        os.environ.setdefault("SOURCE_DATE_EPOCH", time)
    app.connect("config-inited", name, priority=10)  # before others use the name
    app.connect("html-page-context", describe, priority=400)  # sphinxext.opengraph keeps it
    app.connect("pages-written", write_root)
    app.connect("builder-inited", forget_packages)
    url = os.environ.get("BOOK_URL") or app.config.html_baseurl
    if url:
        for extension in EXTENSIONS:
            app.setup_extension(extension)
        if git(app.srcdir, "rev-parse", "--is-shallow-repository") == "false":
            app.setup_extension("sphinx_last_updated_by_git")  # warns in a shallow checkout
        app.connect("config-inited", lambda app, config: set_url(app, config, url), priority=100)
        app.connect("html-page-context", sign)


def name(app, config):
    """Use the book's title as its name, for which Jupyter Book has a second setting."""
    if config.project in ("", "Python", "Project name not set"):  # Sphinx's defaults
        config.project = config.html_title


def forget_packages(app):
    """Leave the path of the packages out of Sphinx's hash of the configuration."""
    info = getattr(app.builder, "build_info", None)
    if info:
        values = {option.name: option.value for option in app.config.filter(frozenset({"html"}))}
        text = json.dumps(without_paths(values), sort_keys=True)
        info.config_hash = sha256(text.encode()).hexdigest()


def without_paths(value):
    if isinstance(value, dict):
        return {str(name): without_paths(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_paths(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(without_paths, value))
    return str(value).replace(PACKAGES, "")


def write_root(app, pages):
    """Add a description and a canonical URL to the root page, which redirects to the first."""
    root = Path(app.outdir, "index.html")
    target = f"{app.config.root_doc}.html"
    first = pages.get(Path(app.outdir, target), "")
    described = re.search(r'<meta name="description" content="[^"]*" ?/>', first)
    if root in pages and app.config.root_doc != "index":
        url = (app.config.html_baseurl or "") + target
        pages[root] = ROOT.format(
            policy=policy.PLACE,
            language=app.config.language or "en",
            title=escape(app.config.html_title),
            description=described[0] if described else "",
            canonical=escape(url),
            target=target,
        )


def set_url(app, config, url):
    """Set the URL for the extensions, each of which has its own setting for it."""
    config.html_baseurl = config.ogp_site_url = f"{url.rstrip('/')}/"
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["404.html", "genindex.html", "search.html"]
    nothing = Path(app.outdir).parent / "nothing.png"  # replaces the logo of Sphinx
    nothing.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGBA", (1, 1)).save(nothing)
    config.ogp_social_cards = {
        "image_mini": os.path.relpath(nothing, app.srcdir),
        **(config.ogp_social_cards or {}),
    }
    config.ogp_description_length = LENGTH
    if "sphinx_last_updated_by_git" in app.extensions:
        config.html_last_updated_fmt = "%d %B %Y"


def describe(app, pagename, templatename, context, doctree):
    """Describe a page by its first paragraph outside boxes, or by its title if it has none."""
    paragraphs = doctree.findall(nodes.paragraph) if doctree else []
    texts = (one.astext() for one in paragraphs if isinstance(one.parent, nodes.section))
    text = next(texts, f"{context.get('title') or pagename.capitalize()}: {app.config.project}")
    description = escape(shorten(text, LENGTH, placeholder="…"))
    context["metatags"] = context.get("metatags", "") + DESCRIPTION.format(description)


def sign(app, pagename, templatename, context, doctree):
    """Add version, commit and source to the footer of a page."""
    url = app.config.html_theme_options.get("repository_url")
    commit = git(app.srcdir, "rev-parse", "HEAD")
    footer = FOOTER if url and commit and doctree else NO_REPOSITORY
    source = app.env.doc2path(pagename, base=False) if doctree else ""
    words = {"words": _("commit"), "link": _("Source of this page")}
    edition = _("Version {number}").format(number=version(DISTRIBUTION))
    values = {"edition": edition, "url": url, "commit": commit, "source": source, **words}
    context["theme_extra_footer"] = footer.format(**{k: escape(v or "") for k, v in values.items()})
