"""A question that the reader answers on the page: one of several choices, or a number.

A quiz is an admonition of the class `quiz`; in JupyterLab it is that, with the answers folded. It
consists of a question and a list. In each item stands an answer before the colon, and after it why
it is right or wrong, which is what a reader who gives this answer is told::

    :::{admonition} What does an *odd* kernel answer to?
    :class: quiz dropdown
    :name: quiz-odd
    - [ ] a spot: it covers both sides alike, and they cancel.
    - [x] an edge: the two sides see different light.
    :::

    :::{admonition} How many weights does the layer have?
    :class: quiz dropdown
    :name: quiz-weights
    :answer: convtools.conv_parameters(1, 6, 7, bias=False)
    :explain: six kernels of 7 × 7 for one input channel.
    - 49: one kernel has as many; there are six.
    - `convtools.conv_parameters(1, 6, 7)`: that counts the biases as well.
    :::

The right number is computed when the page is read, so that it cannot differ from what the package
says. What stands above the list belongs to the question. All answers are in the page, folded, for
print and for readers without JavaScript; quiz.js checks the reader's own. A fault fails the build.

A reader may write a number as at home: 1,57 or 1.57, 56 623 104 or 56.623.104. Of two readings,
such as 1571 and 1.571, the one that is near the numbers of the list counts; in the list itself a
comma separates thousands.
"""

import importlib
import math
import re

from docutils import nodes
from docutils.parsers.rst.directives import unchanged_required
from docutils.parsers.rst.directives.admonitions import Admonition
from sphinx.util.docutils import SphinxDirective
from words import _

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
    """An HTML element. Other builders see what is in it, in paragraphs where it is text."""


def setup(app):
    plainly = (visit_plainly, depart_plainly)
    others = dict.fromkeys(["latex", "text", "man", "texinfo"], plainly)
    app.add_directive("admonition", Quiz, override=True)
    app.add_node(element, html=(visit, depart), **others)
    app.connect("env-merge-info", lambda app, env, names, other: known(env).update(known(other)))
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Quiz(SphinxDirective, Admonition):
    """An admonition, which is a quiz if that is one of its classes."""

    option_spec = Admonition.option_spec | {
        "answer": unchanged_required,
        "explain": unchanged_required,
        "tolerance": float,
    }

    def run(self):
        if "quiz" not in self.options.get("class", []):
            return Admonition.run(self)
        # What is inline, links above all, must stand in a node of text.
        question = nodes.inline("", "", *self.parse_inline(self.arguments[0])[0])
        legend = html("legend", [question])
        content = self.parse_content_to_nodes()
        items = content.pop() if content and isinstance(content[-1], nodes.bullet_list) else []
        if "name" not in self.options or any(isinstance(n, nodes.bullet_list) for n in content):
            raise self.error("a quiz has a :name:, and one list, at its end")

        answers = self.number if "answer" in self.options else self.choice
        fields, solutions, data = answers([self.split(item) for item in items])
        folded = [html("summary", [nodes.Text(_("Answers"))]), nodes.bullet_list("", *solutions)]
        form = [
            html("fieldset", [legend, *content, fields]),
            nodes.raw("", CONTROLS.format(_("Check"), _("Clear my answer")), format="html"),
            html("details", folded, {"class": "quiz-answers"}),
        ]
        # A form of this method goes nowhere: without JavaScript nothing is sent either.
        data |= {"class": "quiz", "method": "dialog", "autocomplete": "off"}
        quiz = html("form", form, data)
        self.set_source_info(quiz)
        self.add_name(quiz)
        return [quiz]

    def split(self, item):
        """Return what stands before the first colon of an item, and the blocks after it."""
        first, *blocks = item.children or [nodes.paragraph()]
        for i, node in enumerate(first):
            colon = isinstance(node, nodes.Text) and re.search(r":(\s+|$)", node)
            if colon:
                answer = [*first[:i], nodes.Text(node[: colon.start()])]
                rest = [nodes.Text(node[colon.end() :]), *first[i + 1 :]]
                why = [nodes.paragraph("", "", *rest), *blocks]
                if text(why):
                    return answer, why
        raise self.error(f"no explanation: {item.astext()!r}")

    def choice(self, items):
        """Return the choices, what is to say of each, and the form's data: none."""
        choices, solutions, right = nodes.bullet_list(), [], 0
        for answer, why in items:
            mark = re.match(r"\[([ x])\]\s+", answer[0].astext())
            if not mark:
                raise self.error(f"neither [x] nor [ ]: {text(answer)!r}")
            answer[0] = nodes.Text(answer[0][mark.end() :])
            right += mark[1] == "x"
            button = html("input", [], {"type": "radio", "name": "answer", "value": text(answer)})
            shown = nodes.inline("", "", *[node.deepcopy() for node in answer])
            choices += nodes.list_item("", html("label", [button, shown]))
            solutions.append(solution(answer, text(answer), why, mark[1] == "x"))
        if right != 1:
            raise self.error(f"{right} right choices, not one")
        return choices, solutions, {}

    def number(self, items):
        """Return the field, what is to say of each number, and the form's data: the tolerance."""
        answer, tolerance = self.compute(self.options["answer"]), self.options.get("tolerance", 0)
        if tolerance < 0 or (answer % 1 and not tolerance):
            raise self.error(f"{answer} needs a :tolerance: above 0")
        if "explain" not in self.options:
            raise self.error("no explanation: an :answer: needs an :explain:")
        whys = {answer: [nodes.paragraph("", "", *self.parse_inline(self.options["explain"])[0])]}
        for head, why in items:
            wrong = self.wrong_number(head)
            if any(abs(wrong - other) <= tolerance + 1e-12 * abs(other) for other in whys):
                raise self.error(f"{text(head)!r} is the right answer, or there twice")
            whys[wrong] = why
        solutions = [
            solution([nodes.Text(written(number, tolerance))], number, why, number == answer)
            for number, why in whys.items()
        ]
        # The number pad of a phone may have no minus, and only one of the two decimal marks.
        is_whole = not tolerance and min(whys) >= 0 and not any(number % 1 for number in whys)
        field = FIELD.format(_("Your answer"), "decimal" if is_whole else "text")
        return nodes.raw("", field, format="html"), solutions, {"data-tolerance": tolerance}

    def wrong_number(self, head):
        if isinstance(head[0], nodes.literal):
            return self.compute(head[0].astext())
        if not NUMBER.fullmatch(number := text(head).replace("−", "-")):
            raise self.error(f"neither a number nor an `expression`: {text(head)!r}")
        return float(number.replace(",", ""))

    def compute(self, expression):
        """Return the number that an expression of convtools or math stands for."""
        if not re.search(rf"\b({'|'.join(SCOPE)})\.", expression):
            raise self.error(f"{expression!r} is typed in, not computed by {' or '.join(SCOPE)}")
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
    """Return the answers that were computed before, by this package (see recompute.py).

    To load the package takes longer than to read a chapter.
    """
    return env.__dict__.setdefault("quiz_answers", {})


def html(tag, children, attributes=()):
    return element("", *children, tag=tag, attributes=dict(attributes))


def text(parts):
    return " ".join("".join(part.astext() for part in parts).split())


def solution(answer, value, why, right):
    """Return an answer and the verdict on it, which the script shows to who gave the answer."""
    why[0].insert(0, [nodes.strong("", _("Right:") if right else _("No:")), nodes.Text(" ")])
    data = {"class": "quiz-why", "data-answer": value, "data-right": str(right).lower()}
    return nodes.list_item("", nodes.paragraph("", "", *answer), html("div", why, data))


def written(number, tolerance):
    """Return a number as a reader would write it, with no more digits than matter."""
    if tolerance and number % 1:
        number = round(number, max(0, math.ceil(-math.log10(tolerance))))
    return f"{number:,.15g}"


def visit(self, node):
    self.body.append(self.starttag(node, node["tag"], "", **node["attributes"]))


def depart(self, node):
    if node["tag"] != "input":  # which has no end
        self.body.append(f"</{node['tag']}>\n")


def visit_plainly(self, node):
    if node["tag"] in PARAGRAPHS:
        self.visit_paragraph(node)


def depart_plainly(self, node):
    if node["tag"] in PARAGRAPHS:
        self.depart_paragraph(node)


def add_files(app, pagename, templatename, context, doctree):
    """Load the script and the style on a page that has a quiz."""
    if doctree and any(doctree.findall(element)):
        app.add_css_file("quiz/quiz.css")
        app.add_js_file("quiz/quiz.js", loading_method="defer")
