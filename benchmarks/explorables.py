"""Print the time from an input to the updated explorable, at the slowest setting of each.

Needs a built book, Chromium, and the packages of tests/browser/requirements.txt. "Work" is the time
for computing and drawing within a frame, including layout. "Wait" is the time from the input to the
end of the frame that shows it, of which up to 16.7 ms are due to the refresh rate of the screen.
The tables contain the data of the charts.
"""

import sys
from pathlib import Path

from chromium import launched

PAGES = Path(__file__).parents[1] / "_build" / "html" / "book"
LAYER = {"kernel": "digits", "size0": 5, "size1": 5, "padding0": 2, "padding1": 2, "outputs": 3}
SLOWEST = {
    "stepper": (
        "why-cnns",
        {"image": "digits", "height": 12, "width": 12, "channels": 3, "layer": 3,
         "layers": [LAYER] * 3},
        "input[type=range]",
    ),
    "filter-lab": ("pytorch-layers", {"size": 21}, "input[aria-label=Orientation]"),
    "cell-lab": ("complex-cells", {"model": "pooling", "subunits": 16}, "input[aria-label=Phase]"),
    "rebuild": ("natural-images", {"count": 64}, "input[type=range]"),
}  # fmt: skip
MEASURE = """async ([name, state, selector, open]) => {
    const figure = document.getElementById(name);
    for (const details of figure.querySelectorAll("details")) details.open = open;
    figure.xp.setState(state);
    const slider = figure.querySelector(selector);
    const { port1, port2 } = new MessageChannel();
    const painted = () => new Promise((done) => {
        port1.onmessage = done;
        port2.postMessage(0);
    });
    const times = [];
    for (let i = 0; i < 220; i++) {
        slider.value = +slider.min + (i * 7 * slider.step) % (slider.max - slider.min);
        const start = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const frame = await new Promise(requestAnimationFrame);
        await painted();
        const end = performance.now();
        if (i >= 20) times.push([end - Math.max(frame, start), end - start]);
    }
    return times;
}"""


def main() -> None:
    with launched() as browser:
        for name, (page_name, state, selector) in SLOWEST.items():
            page = browser.new_page()
            page.goto((PAGES / f"{page_name}.html").as_uri())
            page.wait_for_timeout(1000)
            for tables in ("folded", "open"):
                times = page.evaluate(MEASURE, [name, state, selector, tables == "open"])
                for what, column in (("work", 0), ("wait", 1)):
                    ordered = sorted(time[column] for time in times)
                    median, most = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
                    print(
                        f"{name:10} tables {tables:6} {what}: "
                        f"median {median:5.1f} ms, 95 % within {most:5.1f} ms"
                    )


if __name__ == "__main__":
    sys.exit(main())
