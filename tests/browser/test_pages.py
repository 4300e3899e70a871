"""No page logs an error, asks another host for anything, or scrolls sideways on a phone."""

import pytest

from conftest import ROOT

PAGES = sorted(path.stem for path in (ROOT / "book").glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_quiet_and_fits(name, width, new_page, site):
    page = new_page(viewport={"width": width, "height": 800})  # notes errors and other hosts
    page.goto(f"{site}/book/{name}.html", wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
