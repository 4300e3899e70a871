"""Axe-core (https://github.com/dequelabs/axe-core) for Playwright; `make browser` installs it."""

from pathlib import Path

SCRIPT = Path(__file__).parents[1] / ".venv/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {
    "preload": False,  # it would fetch the style sheets, which a page opened from a file cannot do
    "runOnly": TAGS,
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # WCAG 2.1 A, but experimental
    "resultTypes": ["violations"],
}


def faults(page, part="html"):
    """Return the faults in a part of a page, as {rule: [HTML of each element]}."""
    if not SCRIPT.exists():
        raise FileNotFoundError("there is no axe-core: run `make browser`")
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate("([part, options]) => axe.run(part, options)", [part, OPTIONS])
    assert found["passes"], "nothing was tested"
    return {fault["id"]: [node["html"] for node in fault["nodes"]] for fault in found["violations"]}
