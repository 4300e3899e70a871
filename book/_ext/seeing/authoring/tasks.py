"""Task lists, `- [ ] read` and `- [x] done`, whose checkboxes have accessible names.

The `tasklist` extension of MyST crashes on a chapter with cells, because MyST-NB finds the cells
with a parser that skips inline text, and `todoify` of mdit-py-plugins expects some. Its checkboxes
also have no name for screen readers. Here every list whose items begin with a mark is a task list,
without that extension.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

MARK = re.compile(r"\[([ xX])\]\s+")
BOX = '<label><input type="checkbox" disabled{}> '


class Boxes(SphinxPostTransform):
    """Replace the marks by checkboxes."""

    default_priority = 800

    def run(self):
        for item in self.document.findall(nodes.list_item):
            line = item[0] if item.children else None
            text = line[0] if isinstance(line, nodes.paragraph) and line.children else ""
            mark = MARK.match(text) if isinstance(text, nodes.Text) else None
            if mark:
                done = mark[1] != " "
                line[0] = nodes.Text(text[mark.end() :])
                if self.app.builder.format == "html":
                    item["classes"].append("task")
                    box = BOX.format(" checked" if done else "")
                    line.insert(0, nodes.raw("", box, format="html"))
                    line += nodes.raw("", "</label>", format="html")
                else:
                    line.insert(0, nodes.Text("☑ " if done else "☐ "))


def setup(app):
    app.add_post_transform(Boxes)
    app.connect("config-inited", take_over)


def take_over(app, config):
    extensions = config.myst_enable_extensions
    config.myst_enable_extensions = [name for name in extensions if name != "tasklist"]
