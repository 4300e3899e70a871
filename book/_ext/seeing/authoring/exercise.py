"""An exercise: a numbered box with its level and its minutes, above the cells to work in.

    :::{exercise} How large is the output?
    :name: exercise-output-shape
    :level: 1
    :minutes: 3
    How many rows and columns does the output have?
    :::

In the text ``{numref}`exercise-output-shape` `` is "Exercise 1.2": the number of the chapter and of
the exercise within it. A level is 1, 2 or 3. An admonition of the class `exercise` is equivalent.
"""

from docutils import nodes
from docutils.parsers.rst.directives import positive_int
from docutils.parsers.rst.directives.admonitions import Admonition
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from seeing.delivery.words import _

KIND = "exercise"


class exercise(nodes.Admonition, nodes.Element):  # noqa: N801, a node's class is its name
    """An exercise without a number yet; a numbered one is an admonition."""


class Exercise(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = Admonition.option_spec | {"level": positive_int, "minutes": positive_int}

    def run(self):
        self.assert_has_content()
        missing = [key for key in ("name", "level", "minutes") if key not in self.options]
        if missing or self.options["level"] > 3:
            what = f"no :{missing[0]}:" if missing else f"level {self.options['level']}"
            raise self.error(
                f"an exercise must have a :name:, a :level: of 1 to 3 and :minutes:, got {what}"
            )
        level = [_("easy"), _("medium"), _("hard")][self.options["level"] - 1]
        minutes = _("{} minutes").format(self.options["minutes"])
        node = exercise(
            "",
            nodes.title("", "", *self.parse_inline(self.arguments[0])[0]),
            nodes.paragraph("", f"{level}, {minutes}", classes=["exercise-facts"]),
            *self.parse_content_to_nodes(),
            classes=list(dict.fromkeys([KIND, *self.options.get("class", [])])),
        )
        self.set_source_info(node)
        self.add_name(node)
        return [node]


class Number(SphinxPostTransform):
    """Put the number, which is known once all chapters have been read, before the title."""

    default_priority = 5

    def run(self):
        numbers = self.env.toc_fignumbers.get(self.env.docname, {}).get(KIND, {})
        for node in list(self.document.findall(exercise)):
            number = next((numbers[one] for one in node["ids"] if one in numbers), ())
            label = f"{_('Exercise')} {'.'.join(map(str, number))}".strip()
            node[0].insert(0, nodes.inline("", f"{label}: ", classes=["exercise-number"]))
            node.replace_self(nodes.admonition("", *node.children, **node.attributes))


def setup(app):
    app.add_enumerable_node(exercise, KIND, lambda node: node[0].astext())
    app.add_directive(KIND, Exercise)
    app.add_post_transform(Number)
    app.connect("config-inited", add_format)


def add_format(app, config):
    config.numfig_format.setdefault(KIND, _("Exercise") + " %s")
