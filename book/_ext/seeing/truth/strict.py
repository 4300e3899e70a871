"""A build with a warning fails, now and on every later run, after showing every warning.

Sphinx has ``-W`` for this, but it warns only when it reads a page. It keeps the pages between runs,
so that the second run reads nothing, has no warnings and passes. Here the pages are kept only after
a build without warnings, and no flag is needed.

A list of all faults, in plain words and with the fixes (plain.py), is printed at the very end. A
draft (draft.py) prints the same list, but succeeds.
"""

import atexit
import logging
import re
import shutil
import sys
from pathlib import Path

from sphinx.errors import ConfigError
from sphinx.util.logging import NAMESPACE, WarningStreamHandler

from seeing.truth.plain import in_plain_words

KNOWN = re.compile(  # covered better by `located`, and a file that authors do not need
    r"^Executing notebook failed: CellExecutionError|^Notebook exception traceback saved"
)


def setup(app):
    app.warningiserror = False  # -W would stop at the first warning and hide the others
    app.to_fix, app.remedies = {}, {}  # a remedy may be for several faults
    for handler in logging.getLogger(NAMESPACE).handlers:
        if isinstance(handler, WarningStreamHandler):
            handler.addFilter(lambda record: note(app, record))
    atexit.register(conclusion, app)
    if not Path(app.srcdir, "_config.yml").exists():
        end(app, "a single page cannot be built: make html reads only the pages that have changed")
    app.connect("build-finished", conclude, priority=999)  # after all other handlers

    clean = Path(app.doctreedir, "clean")
    if clean.exists():
        clean.unlink()  # until this build is clean, too
    else:
        shutil.rmtree(app.doctreedir, ignore_errors=True)


def end(app, message):
    """End the build with a message, which is also in the list at the end."""
    app.to_fix[message] = None
    raise ConfigError(message)


def note(app, record):
    """Add a warning to the list, and return whether to show it now as well."""
    message = logging.LogRecord.getMessage(record)  # Sphinx's own puts the location before it
    if KNOWN.search(message):
        app._warncount -= 1
        return False
    if record.levelno >= logging.WARNING:
        app.to_fix[in_plain_words(message, record.location or "", app.srcdir)] = None
    return True


def conclusion(app):
    """Print the list in the encoding of the terminal."""
    encoding = sys.stdout.encoding or "utf-8"  # that of a pipe on Windows has no arrow
    text = summary(app.to_fix, app.remedies).encode(encoding, "replace").decode(encoding)
    print(text, end="")


def summary(lines, remedies):
    """Return the list of faults to fix, or "" if there are none."""
    if not lines:
        return ""
    last = "".join(f"{remedy}\n" for remedy in remedies.values())
    head = "1 thing" if len(lines) == 1 else f"{len(lines)} things"
    return (
        f"\n{head} to fix:\n" + "".join(f"{i}. {line}\n" for i, line in enumerate(lines, 1)) + last
    )


def conclude(app, exception):
    if exception:
        app.to_fix[f"the build ended early: {exception}"] = None
        app.statuscode = 1
    elif app.to_fix:
        app.statuscode = 0 if app.config.draft else 1
    else:
        Path(app.doctreedir, "clean").touch()
