"""Each exercise has a stub with gaps, a check, and a solution that fills only the gaps."""

import ast
import re

import pytest
import torch
import yaml

from convtools import exercises as checkers
from convtools.exercises._verdict import Exercise
from helpers import toc
from helpers.sources import CELL, OPTIONS, run

CHECK = re.compile(r"^convtools\.exercises\.(\w+)\.(\w+)\((\w+)\)$", re.MULTILINE)
CHECKERS = {
    (chapter, name): value
    for chapter in checkers.__all__
    for name, value in vars(getattr(checkers, chapter)).items()
    if isinstance(value, Exercise)
}


def code_of(cell):
    return OPTIONS.sub("", cell).strip()


def exercises(source):
    """Yield the stub, the check and the solution of each exercise."""
    found = [cell for _, cell in CELL.findall(source)]
    for stub, checked, solution in zip(found, found[1:], found[2:], strict=False):
        if CHECK.fullmatch(code_of(checked)):
            yield stub, checked, solution


def fills_gaps(stub, solution):
    """Return whether two syntax trees are equal except at the three dots of the first."""
    if isinstance(stub, ast.Constant) and stub.value is ...:
        return True
    if type(stub) is not type(solution):
        return False
    if isinstance(stub, ast.AST):
        return all(fills_gaps(getattr(stub, f), getattr(solution, f)) for f in stub._fields)
    if isinstance(stub, list):
        return len(stub) == len(solution) and all(map(fills_gaps, stub, solution))
    return stub == solution


def assigned(code):
    return {node.id for node in ast.walk(ast.parse(code)) if is_stored(node)} | {
        node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)
    }


def is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


@pytest.mark.skipif(not toc.complete, reason="a missing chapter may have it")
def test_every_checker_has_its_exercise(sources):
    used = [
        (chapter.removeprefix("book/"), CHECK.fullmatch(code_of(checked))[2])
        for chapter, source in sources.items()
        for _, checked, _ in exercises(source)
    ]
    assert sorted(used) == sorted((c.replace("_", "-"), name) for c, name in CHECKERS)


def test_solution_only_fills_the_gaps_of_the_stub(chapter, sources):
    for stub, _, solution in exercises(sources[chapter]):
        ours = re.sub(r"\bour_", "", code_of(solution))
        wanted, written = ast.parse(code_of(stub)).body, ast.parse(ours).body
        assert fills_gaps(wanted, written[: len(wanted)]), code_of(stub)


def test_solution_is_folded_and_overwrites_nothing(chapter, sources):
    for stub, _, solution in exercises(sources[chapter]):
        options = yaml.safe_load(OPTIONS.match(solution)[0].strip("-\n"))
        assert options["tags"] == ["hide-cell"]
        assert options["jupyter"] == {"source_hidden": True}
        assert code_of(solution).startswith("# Solution (click to open)\n")
        at_top = {name for name in assigned(code_of(solution)) if name.startswith("our_")}
        assert at_top
        assert not at_top & assigned(code_of(stub))


@pytest.fixture
def precision():
    """Restore the precision of PyTorch, which a cell may set for its chapter."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("precision")
@pytest.mark.filterwarnings("ignore:.*non-interactive")
def test_all_cells_run_and_solutions_pass_but_stubs_do_not(chapter, sources):
    names = {}
    for _, cell in CELL.findall(sources[chapter]):
        run(cell, names)
    for _, checked, _ in exercises(sources[chapter]):
        *checker, answer = CHECK.fullmatch(code_of(checked)).groups()
        verdict = CHECKERS[tuple(checker)].verdict
        stub, solution = (verdict(names[prefix + answer]) for prefix in ("", "our_"))
        assert not stub.solved
        assert "three dots" in stub.message
        assert solution.solved, solution.message
