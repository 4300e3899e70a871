// Images, charts and tables. All have an element, and draw().
(() => {
  const { box, folded, format, h } = XP;

  // Colours come from the style sheet, which knows the theme: a list from black or blue to white or red.
  const STEPS = 255; // on either side of the middle
  let tables = {};
  const between = (stops) => {
    const at = (i) => {
      const exact = (i / (2 * STEPS)) * (stops.length - 1);
      const [low, high] = [Math.floor(exact), Math.ceil(exact)];
      return stops[low].map((value, c) => value + (stops[high][c] - value) * (exact - low));
    };
    return Array.from({ length: 2 * STEPS + 1 }, (_, i) => at(i));
  };
  const colours = (name) => {
    if (tables[name]) return tables[name];
    const style = getComputedStyle(document.querySelector(".xp"));
    const stops = style.getPropertyValue(name).split(",");
    const brush = document.createElement("canvas").getContext("2d");
    const parts = (colour) => {
      brush.fillStyle = colour; // the style sheet may abbreviate it; the canvas returns six digits
      return [1, 3, 5].map((i) => parseInt(brush.fillStyle.slice(i, i + 2), 16));
    };
    tables[name] = between(stops.map(parts));
    return tables[name];
  };
  const forgetColours = () => {
    tables = {};
  };

  // An image from −limit to limit, black to white or, if it is signed, in the two colours.
  const picture = (label, { signed = false, ...attributes } = {}) => {
    const element = h("canvas", {
      class: "xp-picture",
      role: "img",
      "aria-label": label,
      ...attributes,
    });
    const context = element.getContext("2d");
    const draw = ({ height, width, data }, limit) => {
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const table = colours(signed ? "--book-signed" : "--book-greys");
      const pixels = context.createImageData(width, height);
      data.forEach((value, i) => {
        const part = limit ? Math.min(1, Math.max(-1, value / limit)) : 0;
        const [red, green, blue] = table[Math.round(STEPS * (part + 1))];
        pixels.data[4 * i] = red;
        pixels.data[4 * i + 1] = green;
        pixels.data[4 * i + 2] = blue;
        pixels.data[4 * i + 3] = 255;
      });
      context.putImageData(pixels, 0, 0);
    };
    return { element, draw };
  };

  // Where a chart has its lines.
  const WIDTH = 320;
  const HEIGHT = 180;
  const [LEFT, RIGHT, TOP, BOTTOM] = [44, WIDTH - 8, 26, HEIGHT - 36];
  const CHART_ASPECT = (RIGHT - LEFT) / (BOTTOM - TOP);
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  const behind = (element) => {
    Object.assign(element.style, {
      left: percent(LEFT, WIDTH),
      top: percent(TOP, HEIGHT),
      width: percent(RIGHT - LEFT, WIDTH),
      height: percent(BOTTOM - TOP, HEIGHT),
    });
    return element;
  };

  const ticks = ([from, to]) => {
    const rough = (to - from) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((size) => size >= rough * 0.999);
    const first = Math.ceil(from / step - 1e-9);
    const count = Math.floor(to / step + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, i) => +((first + i) * step).toPrecision(10));
  };
  const at = (value) => +value.toFixed(2);
  const scale =
    ([low, high], from, to) =>
    (v) =>
      from + ((v - low) / (high - low)) * (to - from);
  const rule = (kind, x1, y1, x2, y2) =>
    h("line", { class: kind, x1: at(x1), y1: at(y1), x2: at(x2), y2: at(y2) });
  const text = (value, x, y, anchor) =>
    h("text", { x: at(x), y: at(y), "text-anchor": anchor }, format.number(value));

  // A chart of lines, over an image if there is one.
  // draw({ x: [from, to], y: [from, to], lines, marks, label }): a line is { kind, points: [[x, y], …] }
  // where `kind` is solid, dashed, mark or point, which the style sheet knows; a mark is a vertical
  // line at [x].
  const chart = (xLabel, yLabel, background) => {
    const plot = h("g");
    const svg = h(
      "svg",
      { class: "xp-chart", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
      plot,
      h("text", { class: "xp-axis", x: WIDTH / 2, y: HEIGHT - 4, "text-anchor": "middle" }, xLabel),
      h("text", { class: "xp-axis", x: 4, y: 10 }, yLabel),
    );
    const element = background ? box("xp-layers", behind(background), svg) : svg;
    const draw = ({ x, y, lines, marks = [], label, xTicks = ticks(x), yTicks = ticks(y) }) => {
      const across = scale(x, LEFT, RIGHT);
      const down = scale(y, BOTTOM, TOP);
      const path = (points) => points.map((p) => `${at(across(p[0]))} ${at(down(p[1]))}`).join("L");
      plot.replaceChildren(
        ...xTicks.map((v) => text(v, across(v), BOTTOM + 16, "middle")),
        ...yTicks.flatMap((v) => [
          rule(v ? "" : "xp-zero", LEFT, down(v), RIGHT, down(v)),
          text(v, LEFT - 6, down(v) + 4, "end"),
        ]),
        ...marks.map((v) => rule("xp-mark", across(v), TOP, across(v), BOTTOM)),
        ...lines.map(({ kind, points }) =>
          h("path", { class: `xp-${kind}`, d: `M${path(points)}` }),
        ),
      );
      svg.setAttribute("aria-label", label);
    };
    return { element, draw };
  };

  // A folded table of what an image or a chart shows. Rows are computed when somebody opens it.
  const table = (title, head) => {
    let rows = () => [];
    const body = h("tbody");
    const write = (cell, value) => {
      const now = typeof value === "number" ? format.number(value) : value;
      if (cell.textContent !== now) cell.textContent = now;
    };
    const fill = () => {
      if (!element.open) return;
      const all = rows();
      all.forEach((row, y) => {
        const tr = body.rows[y] ?? body.appendChild(h("tr", {}, ...row.map(() => h("td"))));
        row.forEach((value, x) => {
          write(tr.cells[x], value);
        });
      });
      while (body.rows.length > all.length) body.lastChild.remove();
    };
    const titles = head.map((name) => h("th", { scope: "col" }, name));
    const content = h("table", {}, h("thead", {}, h("tr", {}, ...titles)), body);
    const region = { tabindex: 0, role: "region", "aria-label": title };
    const element = folded(title, h("div", region, content));
    element.className = "xp-numbers";
    element.addEventListener("toggle", fill);
    const draw = (compute) => {
      rows = compute;
      fill();
    };
    return { element, draw };
  };

  Object.assign(XP, { CHART_ASPECT, chart, forgetColours, picture, table });
})();
