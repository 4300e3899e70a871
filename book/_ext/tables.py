"""A corner of a table without words is no heading (axe: empty-table-header).

pandas writes the corner above its index as one, which screen readers announce for every row.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

CORNER = re.compile(r"<th\b([^>]*)>((?:\s|&nbsp;)*)</th>")


class Corners(SphinxPostTransform):
    default_priority = 800  # when MyST-NB has chosen among the forms of an output
    formats = ("html",)

    def run(self):
        for node in self.document.findall(nodes.raw):
            if "text_html" in node["classes"]:
                node[:] = [nodes.Text(CORNER.sub(r"<td\1>\2</td>", node.astext()))]


def setup(app):
    app.add_post_transform(Corners)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
