"""The pages that Sphinx has written, for the extensions that put the last touch to them."""

from pathlib import Path

NO_PAGES = {"_downloads", "_sources", "_static"}


def paths(app):
    """Return where the pages are; nowhere if the builder makes no HTML."""
    out = Path(app.outdir)
    found = sorted(out.rglob("*.html")) if app.builder.format == "html" else []
    return [path for path in found if path.relative_to(out).parts[0] not in NO_PAGES]


def pages(app, exception):
    """Return the text of each page by its path; none if the build failed."""
    return {} if exception else {path: path.read_text(encoding="utf-8") for path in paths(app)}


def rewrite(texts, change):
    """Write what `change` makes of each page, where it is not the same."""
    for path, before in texts.items():
        after = change(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
