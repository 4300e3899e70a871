"""The pages that Sphinx has written, for the extensions that put the last touch to them."""

from pathlib import Path

NO_PAGES = {"_downloads", "_sources", "_static"}


def pages(app, exception):
    """Return the text of each page by its path; none if the build failed or makes no HTML."""
    if exception or app.builder.format != "html":
        return {}
    out = Path(app.outdir)
    paths = sorted(out.rglob("*.html"))
    paths = [path for path in paths if path.relative_to(out).parts[0] not in NO_PAGES]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def rewrite(pages, change):
    """Write what `change` makes of each page, where it is not the same."""
    for path, before in pages.items():
        after = change(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
