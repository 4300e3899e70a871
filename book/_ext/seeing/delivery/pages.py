"""The event `pages-written`, for changes to all pages; each is read once and written once.

Its handlers get a dictionary of the HTML of each page by its path, and replace values in it.
`app.fresh` has the pages that this build has written. Pages of chapters that were removed or
renamed are deleted first.
"""

import json
from pathlib import Path

NO_PAGES = {"_downloads", "_sources", "_static"}


def setup(app):
    app.fresh = set()
    app.add_event("pages-written")
    app.connect("env-updated", remove_old)
    app.connect("html-page-context", note)
    app.connect("build-finished", finish, priority=800)  # after the theme has changed its sheets


def note(app, pagename, templatename, context, doctree):
    app.fresh.add(Path(app.builder.get_outfilename(pagename)))


def paths(app):
    """Return the paths of the pages, none if the builder makes no HTML."""
    out = Path(app.outdir)
    found = sorted(out.rglob("*.html")) if app.builder.format == "html" else []
    return [path for path in found if path.relative_to(out).parts[0] not in NO_PAGES]


def remove_old(app, env):
    """Remove pages of earlier builds whose source is no longer in the book."""
    known = Path(app.outdir).parent / f"{app.builder.name}-pages.json"
    if app.builder.format == "html":
        before = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
        now = {name: env.doc2path(name, base=False) for name in sorted(env.found_docs)}
        for name in before.keys() - now.keys():
            page = app.builder.get_outfilename(name)
            for file in [page, f"_sources/{before[name]}", f"_sources/{name}.ipynb"]:
                Path(app.outdir, file).unlink(missing_ok=True)
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(now), encoding="utf-8")


def finish(app, exception):
    before = {} if exception else {path: path.read_text(encoding="utf-8") for path in paths(app)}
    if before:
        after = dict(before)
        app.emit("pages-written", after)
        for path, html in after.items():
            if html != before[path]:
                path.write_text(html, encoding="utf-8")
