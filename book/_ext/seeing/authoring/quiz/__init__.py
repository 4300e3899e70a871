"""A question that the reader answers on the page: one of several choices, or a number.

It consists of a question and a list. Each item has an answer before the colon, and after it the
explanation that a reader who gives this answer gets::

    :::{quiz} What does an *odd* kernel respond to?
    :name: quiz-odd
    - [ ] a spot: it covers both halves equally, and they cancel.
    - [x] an edge: the two halves receive different light.
    :::

An admonition of the class `quiz` is equivalent. JupyterLab shows it as an admonition with folded
answers::

    :::{admonition} How many weights does the layer have?
    :class: quiz number dropdown
    :name: quiz-weights
    - [x] 294 = `convtools.conv_parameters(1, 6, 7, bias=False)`: six kernels of 7 × 7.
    - [ ] 49: one kernel has as many; there are six.
    - [ ] `convtools.conv_parameters(1, 6, 7)`: that counts the biases as well.
    :::

A number may be followed, or replaced, by an expression of convtools or math. It is computed when
the page is read, so that the number in the page agrees with the package. Content above the list
belongs to the question. All answers are in the page, folded, for print and for readers without
JavaScript; quiz.js checks the reader's answer. A fault in a quiz fails the build.

Readers may write a number in the format of their country: 1,57 or 1.57, 56 623 104 or 56.623.104.
Of two interpretations, such as 1571 and 1.571, the one near the numbers of the list counts. In the
list itself a comma separates thousands.
"""

import importlib
import math
import re

from docutils import nodes
from docutils.parsers.rst.directives.admonitions import Admonition
from sphinx.util.docutils import SphinxDirective

from seeing.authoring import assets
from seeing.delivery.words import _

SCOPE = ["convtools", "math"]
NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[-+]?\d+)?")  # 1,234.5 but not 1,5
PARAGRAPHS = ["legend", "label", "summary"]
FIELD = '<label>{} <input type="text" name="answer" inputmode="{}"></label>\n'
CONTROLS = """\
<div class="quiz-controls" hidden>
<button type="submit">{}</button> <button type="reset">{}</button>
</div>
<div class="quiz-feedback" role="status"></div>
"""


class element(nodes.General, nodes.Element):  # noqa: N801 (docutils' nodes have such names)
    """An HTML element. Other builders write its content, in paragraphs where it is text."""


def setup(app):
    plainly = (visit_plainly, depart_plainly)
    others = dict.fromkeys(["latex", "text", "man", "texinfo"], plainly)
    app.add_directive("quiz", Quiz)
    app.add_node(element, html=(visit, depart), **others)
    assets.serve(app, __file__)
    app.connect("html-page-context", add_files)


class Quiz(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = Admonition.option_spec | {"tolerance": float}

    def run(self):
        classes = self.options.get("class", [])
        # Inline nodes, such as links, must be in a text node.
        question = nodes.inline("", "", *self.parse_inline(self.arguments[0])[0])
        legend = html("legend", [question])
        content = self.parse_content_to_nodes()
        items = content.pop() if content and isinstance(content[-1], nodes.bullet_list) else []
        if "name" not in self.options or any(isinstance(n, nodes.bullet_list) for n in content):
            raise self.error("a quiz must have a :name:, and one list, at its end")

        items = [self.split(item) for item in items]
        right = sum(is_right for is_right, _answer, _why in items)
        if right != 1:
            raise self.error(f"a quiz must have one right answer, got {right}")
        answers = self.number if "number" in classes else self.choice
        fields, solutions, data = answers(items)
        folded = [html("summary", [nodes.Text(_("Answers"))]), nodes.bullet_list("", *solutions)]
        form = [
            html("fieldset", [legend, *content, fields]),
            nodes.raw("", CONTROLS.format(_("Check"), _("Clear my answer")), format="html"),
            html("details", folded, {"class": "quiz-answers"}),
        ]
        # A form of this method sends nothing, even without JavaScript.
        data |= {"class": "quiz", "method": "dialog", "autocomplete": "off"}
        quiz = html("form", form, data)
        self.set_source_info(quiz)
        self.add_name(quiz)
        return [quiz]

    def split(self, item):
        """Return whether an item is right, and its parts before and after the first colon."""
        first, *blocks = item.children or [nodes.paragraph()]
        for i, node in enumerate(first):
            colon = isinstance(node, nodes.Text) and re.search(r":(\s+|$)", node)
            if colon:
                answer = [*first[:i], nodes.Text(node[: colon.start()])]
                rest = [nodes.Text(node[colon.end() :]), *first[i + 1 :]]
                why = [nodes.paragraph("", "", *rest), *blocks]
                if text(why):
                    return *self.unmarked(answer), why
        raise self.error(f"no explanation: {item.astext()!r}")

    def unmarked(self, answer):
        """Return whether an answer is marked as right, and the answer without its mark."""
        mark = re.match(r"\[([ x])\]\s+", answer[0].astext())
        if not mark:
            raise self.error(f"neither [x] nor [ ]: {text(answer)!r}")
        return mark[1] == "x", [nodes.Text(answer[0][mark.end() :]), *answer[1:]]

    def choice(self, items):
        """Return the choices, the feedback on each, and the form's data, which is empty."""
        choices, solutions = nodes.bullet_list(), []
        for is_right, answer, why in items:
            button = html("input", [], {"type": "radio", "name": "answer", "value": text(answer)})
            shown = nodes.inline("", "", *[node.deepcopy() for node in answer])
            choices += nodes.list_item("", html("label", [button, shown]))
            solutions.append(solution(answer, text(answer), why, is_right))
        return choices, solutions, {}

    def number(self, items):
        """Return the field, the feedback on each number, and the tolerance as the form's data."""
        tolerance = self.options.get("tolerance", 0)
        if tolerance < 0:
            raise self.error(f"a :tolerance: must be at least 0, got {tolerance}")
        numbers, solutions = [], []
        for is_right, answer, why in items:
            number = self.value(answer, tolerance)
            if is_right and number % 1 and not tolerance:
                raise self.error(f"{number} needs a :tolerance: above 0")
            if any(abs(number - other) <= tolerance + 1e-12 * abs(other) for other in numbers):
                raise self.error(f"{text(answer)!r} is listed twice")
            numbers.append(number)
            shown = [nodes.Text(written(number, tolerance))]
            solutions.append(solution(shown, number, why, is_right))
        # The number pad of a phone may have no minus, and only one of the two decimal marks.
        is_whole = not tolerance and min(numbers) >= 0 and not any(one % 1 for one in numbers)
        field = FIELD.format(_("Your answer"), "decimal" if is_whole else "text")
        return nodes.raw("", field, format="html"), solutions, {"data-tolerance": tolerance}

    def value(self, answer, tolerance):
        """Return the number of an answer: 49, `49`, `math.comb(3, 1)` or 3 = `math.comb(3, 1)`."""
        *before, last = [node for node in answer if text([node])]
        expression = last.astext() if isinstance(last, nodes.literal) else ""
        number = text(before if expression else answer).rstrip("=≈ ").replace("−", "-")
        if (number and not NUMBER.fullmatch(number)) or not (number or expression):
            raise self.error(f"neither a number nor an `expression`: {text(answer)!r}")
        if not expression:
            return float(number.replace(",", ""))
        value = self.compute(expression)
        if number and abs(float(number.replace(",", "")) - value) > tolerance + 1e-12 * abs(value):
            raise self.error(f"the text has {number}, but {expression!r} is {value:.15g}")
        return value

    def compute(self, expression):
        """Return the value of an expression of convtools or math."""
        answers, key = known(self.env), (expression, self.config.recompute_digest)
        if key in answers:
            return answers[key]
        try:
            value = float(eval(expression, {name: importlib.import_module(name) for name in SCOPE}))
        except Exception as problem:
            raise self.error(f"{expression!r}: {type(problem).__name__}: {problem}") from problem
        if not math.isfinite(value):
            raise self.error(f"{expression!r} is {value}")
        answers[key] = value
        return value


def known(env):
    """Return the answers that this version of the package computed before (see recompute.py).

    They are kept because importing the package takes longer than reading a chapter.
    """
    return env.__dict__.setdefault("quiz_answers", {})


def html(tag, children, attributes=()):
    return element("", *children, tag=tag, attributes=dict(attributes))


def text(parts):
    return " ".join("".join(part.astext() for part in parts).split())


def solution(answer, value, why, right):
    """Return an answer and its feedback, which the script shows to a reader who gives it."""
    why[0].insert(0, [nodes.strong("", _("Right:") if right else _("No:")), nodes.Text(" ")])
    data = {"class": "quiz-why", "data-answer": value, "data-right": str(right).lower()}
    return nodes.list_item("", nodes.paragraph("", "", *answer), html("div", why, data))


def written(number, tolerance):
    """Return a number as text, with no more digits than the tolerance requires."""
    if tolerance and number % 1:
        number = round(number, max(0, math.ceil(-math.log10(tolerance))))
    return f"{number:,.15g}"


def visit(self, node):
    self.body.append(self.starttag(node, node["tag"], "", **node["attributes"]))


def depart(self, node):
    if node["tag"] != "input":  # which has no end tag
        self.body.append(f"</{node['tag']}>\n")


def visit_plainly(self, node):
    if node["tag"] in PARAGRAPHS:
        self.visit_paragraph(node)


def depart_plainly(self, node):
    if node["tag"] in PARAGRAPHS:
        self.depart_paragraph(node)


def add_files(app, pagename, templatename, context, doctree):
    """Load the script and the style sheet only on pages with a quiz."""
    if doctree and any(doctree.findall(element)):
        app.add_css_file("quiz.css")
        app.add_js_file("quiz.js", loading_method="defer")
