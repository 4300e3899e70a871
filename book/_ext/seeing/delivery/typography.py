"""No line break between a formula and its comma, or within a product such as 48 × 64."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PRODUCT = re.compile(r"(?<=\d) × (?=\d)")
CODE = nodes.literal | nodes.FixedTextElement
MARKS = re.compile(r"[,.;:!?)]+")


class KeepTogether(SphinxPostTransform):
    default_priority = 900  # after references have become text
    formats = ("html",)

    def run(self):
        for text in list(self.document.findall(nodes.Text)):
            if PRODUCT.search(text) and not isinstance(text.parent, CODE):
                text.parent.replace(text, nodes.Text(PRODUCT.sub("\u00a0×\u00a0", text)))
        for formula in list(self.document.findall(nodes.math)):
            after = formula.next_node(descend=False, siblings=True)
            marks = isinstance(after, nodes.Text) and MARKS.match(after)
            if marks:
                position = formula.parent.index(formula) + 1
                formula.parent[position] = nodes.Text(after[marks.end() :])
                together = nodes.inline(classes=["together"])
                formula.replace_self(together)
                together += [formula, nodes.Text(marks[0])]


def setup(app):
    app.add_post_transform(KeepTogether)
