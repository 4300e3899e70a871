"""What sphinx-design needs is loaded by the pages that use it.

It adds a style sheet and a script to every page; the script only keeps tabs of one name in step.
"""

SHEET, SCRIPT = "sphinx-design.min.css", "design-tabs.js"


def setup(app):
    app.connect("html-page-context", drop)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def drop(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    for files, name, sign in [
        ("css_files", SHEET, "sd-"),
        ("script_files", SCRIPT, "data-sync-id"),
    ]:
        if sign not in body:
            context[files][:] = [
                file for file in context[files] if not str(file.filename).endswith(name)
            ]
