"""Fixes accessibility faults in the HTML output of libraries, which axe found.

pandas writes the empty corner of a table as a heading, which screen readers announce for every row.
IPython writes a frame without a title, so it gets the name of its host as title.
"""

import re
from html import escape, unescape
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

CORNER = re.compile(r"<th\b([^>]*)>((?:\s|&nbsp;)*)</th>")
FRAME = re.compile(r"<iframe\b(?![^>]*\stitle=)")
URL = re.compile(r"""[^>]*\ssrc=["']([^"']*)""")


class Fix(SphinxPostTransform):
    default_priority = 800  # after MyST-NB has chosen a format of each output
    formats = ("html",)

    def run(self):
        for node in self.document.findall(nodes.raw):
            if "text_html" in node["classes"]:
                html = CORNER.sub(r"<td\1>\2</td>", node.astext())
                node[:] = [nodes.Text(FRAME.sub(titled, html))]


def titled(found):
    url = URL.match(found.string, found.end())
    host = urlsplit(unescape(url[1]).strip()).netloc if url else ""
    return f'{found[0]} title="{escape(host or "HTML")}"'


def setup(app):
    app.add_post_transform(Fix)
