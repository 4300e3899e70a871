"""A build with a warning fails, now and on every later run, after showing every warning.

Sphinx has ``-W`` for this, but a warning is given only when its page is read: the pages are kept
between runs, so the second run reads nothing, warns of nothing and passes. Here the pages are kept
only when the build that read them was clean, and no flag is needed.
"""

import shutil
from pathlib import Path


def setup(app):
    app.warningiserror = False  # -W would stop at the first warning and hide the others
    app.connect("build-finished", conclude, priority=999)  # after all that may still warn

    clean = Path(app.doctreedir, "clean")
    if clean.exists():
        clean.unlink()  # until this build is clean too
    else:
        shutil.rmtree(app.doctreedir, ignore_errors=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def conclude(app, exception):
    if exception or app._warncount:
        app.statuscode = 1
    else:
        Path(app.doctreedir, "clean").touch()
