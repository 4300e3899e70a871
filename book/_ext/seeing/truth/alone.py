"""One build of this book at a time: a second one, of `make live` say, waits for the first to end.

Both would write the same pages, and use the same cache, which is not made for that.
"""

from pathlib import Path

from filelock import FileLock, Timeout
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app):
    lock = FileLock(Path(app.outdir).parent / ".lock")  # is released when the process ends, too
    try:
        lock.acquire(blocking=False)
    except Timeout:
        logger.info("Another build of this book is running: waiting for it to end.")
        lock.acquire()
    app.connect("build-finished", lambda *_: lock.release(), priority=1000)  # after all others
