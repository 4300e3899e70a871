"""Only one build of this book runs at a time; a second one, such as `make live`, waits.

Both would write the same pages and use the same cache, which does not support concurrent use.
"""

from pathlib import Path

from filelock import FileLock, Timeout
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app):
    lock = FileLock(Path(app.outdir).parent / ".lock")  # is also released when the process ends
    try:
        lock.acquire(blocking=False)
    except Timeout:
        logger.info("Another build of this book is running: waiting for it to end.")
        lock.acquire()
    app.connect("build-finished", lambda *_: lock.release(), priority=1000)  # after all others
