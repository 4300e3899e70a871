// What the explorables share: their place on the page, their state, and the parts they are made of.
//
// XP.explorable(name, { clean, compute, build, summary, torch }) brings the figure `name` to life:
//   clean(given)            a complete state with allowed values only, whatever was given
//   compute(state)          the numbers that follow from it, and why it is impossible (`problem`)
//   build(view)             makes the elements in view.root; returns draw(state, model)
//   summary(state, model)   what is to be seen, in words
//   torch(state, model)     Python that prints the numbers shown
// Data flows one way: an input calls view.set, which cleans; before the next frame the numbers are
// computed and drawn; when nothing has changed for a moment, words and address follow.
(() => {
  const { XP } = window;
  const SVG = ["svg", "g", "path", "line", "rect", "circle", "text"];
  const QUIET = 400; // milliseconds

  // An element. Attributes that are false are left out, those that are functions are listeners.
  const h = (tag, attributes = {}, ...children) => {
    const element = SVG.includes(tag)
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };
  const box = (kind, ...children) => h("div", { class: kind }, ...children);
  const folded = (title, ...children) => h("details", {}, h("summary", {}, title), ...children);
  const button = (text, click) => h("button", { type: "button", click }, text);
  let names = 0;

  // A number as it is printed: whole ones in full, others rounded, never NaN.
  const number = (value, digits = 4) => {
    if (!Number.isFinite(value)) return "—";
    const rounded = Number.isInteger(value) ? value : +value.toPrecision(digits);
    return String(rounded).replaceAll("-", "−");
  };

  // The number that somebody typed, with a decimal point or a decimal comma; NaN, if it is none.
  const read = (text) => {
    const plain = text.normalize("NFKC").trim().replace(/^[−‐‑–—]/, "-").replace(",", ".");
    return plain ? Number(plain) : NaN;
  };

  // Fields describe the values of a state. Each has a label and a default. A choice has options
  // (value to label), a number has min, max and step, perhaps a unit, and no slider if that is false.
  const allowed = (field, given) => {
    if (field.options) return Object.hasOwn(field.options, given) ? String(given) : field.default;
    if (typeof field.default === "boolean") return typeof given === "boolean" ? given : field.default;
    if (!Number.isFinite(given)) return field.default;
    const inside = Math.min(field.max, Math.max(field.min, given));
    return +(field.min + Math.round((inside - field.min) / field.step) * field.step).toFixed(6);
  };
  const clean = (fields, given) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, field]) => [key, allowed(field, Object(given)[key])]),
    );

  // Each kind of input: its element, and what shows the value of the state in it.
  const checkbox = (key, { label }, { get, set }) => {
    const input = h("input", { type: "checkbox", change: () => set({ [key]: input.checked }) });
    return {
      element: h("label", { class: "xp-control" }, input, label),
      show: () => (input.checked = get()[key]),
    };
  };
  const choice = (key, { label, options }, { get, set }) => {
    const items = Object.entries(options).map(([value, text]) => h("option", { value }, text));
    const select = h("select", { change: () => set({ [key]: select.value }) }, ...items);
    return {
      element: h("label", { class: "xp-control" }, label, select),
      show: () => (select.value = get()[key]),
    };
  };
  // What is typed counts while it is allowed. In the end it is brought into the range, and said so.
  // The input is one of text, as those of numbers take only the decimal mark of the browser's language.
  const quantity = (key, field, { get, set, say }) => {
    const { label, unit, min, max, step, slider = true } = field;
    const id = `xp-${++names}`;
    const isAllowed = () => allowed(field, read(typed.value)) === read(typed.value);
    const steps = { ArrowUp: step, ArrowDown: -step };
    const typed = h("input", {
      type: "text",
      inputmode: min < 0 || step % 1 ? "text" : "numeric",
      role: "spinbutton",
      id,
      "aria-valuemin": min,
      "aria-valuemax": max,
      input: () => isAllowed() && set({ [key]: read(typed.value) }),
      change: () => {
        const wanted = read(typed.value);
        if (Number.isFinite(wanted)) set({ [key]: wanted });
        const now = get()[key];
        typed.value = number(now, 9);
        if (wanted === now) return;
        const steps = `from ${number(min)} to ${number(max)} in steps of ${step}`;
        say(`${label} goes ${steps}; it is ${number(now)} now.`);
      },
      keydown: (event) => {
        if (!steps[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        set({ [key]: get()[key] + steps[event.key] });
        typed.value = number(get()[key], 9);
      },
    });
    const range = h("input", { type: "range", "aria-label": label, min, max, step });
    range.addEventListener("input", () => set({ [key]: +range.value }));
    const text = h("label", { for: id }, unit ? `${label} (${unit})` : label);
    return {
      element: box("xp-control", text, ...(slider ? [range] : []), typed),
      show: () => {
        const now = get()[key];
        range.value = now;
        typed.setAttribute("aria-valuenow", now);
        const typing = typed === document.activeElement && !isAllowed();
        if (!typing && read(typed.value) !== now) typed.value = number(now, 9);
      },
    };
  };

  // Inputs for fields. `get` and `set` connect them to a state; the function that is returned shows
  // it, without the inputs for which `hidden(key)` is true.
  const controls = (parent, fields, { get, set, say }) => {
    const made = Object.entries(fields).map(([key, field]) => {
      const kind = field.options ? choice : typeof field.default === "boolean" ? checkbox : quantity;
      const control = kind(key, field, { get, set, say });
      parent.append(control.element);
      return [key, control];
    });
    return (hidden = () => false) =>
      made.forEach(([key, { element, show }]) => {
        element.hidden = hidden(key);
        show();
      });
  };

  // A table of numbers to walk through with the arrow keys. Listeners, all optional:
  //   edit(row, column, value)    a number was typed (Enter, a click or a digit begins, Escape ends),
  //                               or NaN, if it is none
  //   pick(row, column)           Enter or a click, where nothing can be edited
  //   visit(row, column)          a cell has the focus or the pointer; without arguments: no more
  // draw(height, width, cell) shows cell(row, column): { text, label, kind, value }, where `kind` is
  // a class and a `value` is what can be edited. Without a height it is empty.
  const grid = (label, { edit, pick, visit = () => {} }) => {
    let cells = [];
    let shown = [];
    let editing = null;
    const body = h("tbody");
    const element = h("table", { class: "xp-grid", role: "grid", "aria-label": label }, body);

    const place = (target) => {
      const td = target.closest("td");
      return td && element.contains(td) ? [td.parentNode.rowIndex, td.cellIndex] : null;
    };
    const focus = (row, column) => {
      const y = Math.min(Math.max(row, 0), cells.length - 1);
      const x = Math.min(Math.max(column, 0), cells[y].length - 1);
      element.querySelector("[tabindex='0']").tabIndex = -1;
      cells[y][x].tabIndex = 0;
      cells[y][x].focus();
    };
    const stop = (keep) => {
      if (!editing) return;
      const { input, row, column } = editing;
      editing = null; // before the input goes, which would blur it and end up here again
      const value = read(input.value);
      cells[row][column].replaceChildren(shown[row][column].text);
      if (keep && input.value.trim()) edit(row, column, value);
    };
    const start = (row, column, text) => {
      const { value, label: name } = shown[row][column];
      const input = h("input", { type: "text", inputmode: "text", "aria-label": name });
      input.value = text ?? value;
      input.addEventListener("blur", () => stop(true));
      stop(true);
      editing = { input, row, column };
      cells[row][column].append(input); // over the text, which keeps the width
      input.focus();
      if (text === undefined) input.select();
    };
    const act = ([row, column]) => {
      if (shown[row][column].value !== undefined) start(row, column);
      else pick?.(row, column);
    };
    const moves = {
      ArrowUp: ([y, x]) => [y - 1, x],
      ArrowDown: ([y, x]) => [y + 1, x],
      ArrowLeft: ([y, x]) => [y, x - 1],
      ArrowRight: ([y, x]) => [y, x + 1],
      Home: ([y]) => [y, 0],
      End: ([y]) => [y, Infinity],
    };
    element.addEventListener("keydown", (event) => {
      const at = place(event.target);
      if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
      if (editing) {
        event.stopPropagation();
        if (event.key !== "Enter" && event.key !== "Escape") return;
        stop(event.key === "Enter");
        focus(...at);
      } else if (event.key === "Enter") act(at);
      else if (moves[event.key]) focus(...moves[event.key](at));
      else if (/^[-−\d.,]$/.test(event.key) && shown[at[0]][at[1]].value !== undefined)
        start(...at, event.key);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("click", ({ target }) => {
      const at = place(target);
      if (!at || target === editing?.input) return;
      focus(...at);
      act(at);
    });
    const look = ({ target }) => visit(...(place(target) ?? []));
    element.addEventListener("focusin", look);
    element.addEventListener("pointerover", look);
    element.addEventListener("focusout", () => visit());
    element.addEventListener("pointerleave", () => visit());

    const draw = (height, width, cell) => {
      const { row, column } = editing ?? {};
      const edited = row < height && column < width && cell(row, column).value !== undefined;
      if (editing && !edited) stop(false);
      if (!height) {
        body.replaceChildren();
        cells = [];
        return;
      }
      if (cells.length !== height || cells[0].length !== width) {
        editing = null;
        const hadFocus = element.contains(document.activeElement);
        const make = () => h("td", { tabindex: -1 });
        cells = Array.from({ length: height }, () => Array.from({ length: width }, make));
        shown = cells.map((row) => row.map(() => ({})));
        body.replaceChildren(...cells.map((row) => h("tr", {}, ...row)));
        cells[0][0].tabIndex = 0;
        if (hadFocus) cells[0][0].focus();
      }
      cells.forEach((row, y) =>
        row.forEach((td, x) => {
          const before = shown[y][x];
          const now = (shown[y][x] = cell(y, x));
          const busy = editing && editing.row === y && editing.column === x;
          if (now.text !== before.text && !busy) td.replaceChildren(now.text);
          if (now.label !== before.label) td.setAttribute("aria-label", now.label);
          if (now.kind !== before.kind) td.className = now.kind ?? "";
        }),
      );
    };
    return { element, draw, focus };
  };

  // Colours come from the style sheet, which knows the theme.
  let tables = null;
  const colour = (name) => {
    const style = getComputedStyle(document.querySelector(".xp"));
    return [1, 3, 5].map((i) => parseInt(style.getPropertyValue(name).trim().slice(i, i + 2), 16));
  };
  const colours = () => {
    if (tables) return tables;
    const mix = (from, to, part) => from.map((value, i) => value + (to[i] - value) * part);
    const [negative, zero, positive] = ["--xp-negative", "--xp-zero", "--xp-positive"].map(colour);
    const steps = Array.from({ length: 511 }, (_, i) => i / 255 - 1);
    tables = {
      signed: steps.map((v) => mix(zero, v < 0 ? negative : positive, Math.abs(v))),
      grey: steps.map((v) => Array(3).fill(127.5 * (v + 1))),
    };
    return tables;
  };

  // An image from −limit to limit, black to white or, if it is signed, in the two colours.
  const picture = (label, { signed = false, ...attributes } = {}) => {
    const element = h("canvas", { class: "xp-picture", role: "img", "aria-label": label, ...attributes });
    const context = element.getContext("2d");
    const draw = ({ height, width, data }, limit) => {
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const table = colours()[signed ? "signed" : "grey"];
      const pixels = context.createImageData(width, height);
      for (let i = 0, to = 0; i < data.length; i++) {
        const part = limit ? Math.min(1, Math.max(-1, data[i] / limit)) : 0;
        const colour = table[Math.round(255 * (part + 1))];
        for (let c = 0; c < 3; c++) pixels.data[to++] = colour[c];
        pixels.data[to++] = 255;
      }
      context.putImageData(pixels, 0, 0);
    };
    return { element, draw };
  };

  // A chart of lines. draw({ x: [from, to], y: [from, to], lines, marks, label }): a line is a list of
  // points [x, y], in the colour of its place in `lines`; a mark is an upright line [x].
  const WIDTH = 320;
  const HEIGHT = 180;
  const MARGIN = { left: 44, right: 8, top: 26, bottom: 36 };
  const ticks = ([from, to]) => {
    const rough = (to - from) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((size) => size >= rough * 0.999);
    const first = Math.ceil(from / step - 1e-9);
    const count = Math.floor(to / step + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, i) => +((first + i) * step).toPrecision(10));
  };
  const chart = (xLabel, yLabel) => {
    const plot = h("g");
    const element = h(
      "svg",
      { class: "xp-chart", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
      plot,
      h("text", { class: "xp-axis", x: WIDTH / 2, y: HEIGHT - 4, "text-anchor": "middle" }, xLabel),
      h("text", { class: "xp-axis", x: 4, y: 10 }, yLabel),
    );
    const draw = ({ x, y, lines, marks = [], label, xTicks = ticks(x), yTicks = ticks(y) }) => {
      const { left, right, top, bottom } = MARGIN;
      const across = (v) => left + ((v - x[0]) / (x[1] - x[0])) * (WIDTH - left - right);
      const down = (v) => HEIGHT - bottom - ((v - y[0]) / (y[1] - y[0])) * (HEIGHT - top - bottom);
      const at = (v) => +v.toFixed(2);
      const rule = (kind, x1, y1, x2, y2) =>
        h("line", { class: kind, x1: at(x1), y1: at(y1), x2: at(x2), y2: at(y2) });
      const text = (value, x, y, anchor) =>
        h("text", { x: at(x), y: at(y), "text-anchor": anchor }, number(value));
      plot.replaceChildren(
        ...xTicks.map((v) => text(v, across(v), HEIGHT - bottom + 16, "middle")),
        ...yTicks.flatMap((v) => [
          rule(v ? "" : "xp-zero", left, down(v), WIDTH - right, down(v)),
          text(v, left - 6, down(v) + 4, "end"),
        ]),
        ...marks.map((v) => rule("xp-mark", across(v), top, across(v), HEIGHT - bottom)),
        ...lines.map((points, i) =>
          h("path", {
            class: `xp-line-${i}`,
            d: points.map((p, j) => `${j ? "L" : "M"}${at(across(p[0]))} ${at(down(p[1]))}`).join(""),
          }),
        ),
      );
      element.setAttribute("aria-label", label);
    };
    return { element, draw };
  };

  // A folded table of what a picture or a chart shows. Rows are computed when somebody opens it.
  const table = (title, head) => {
    let rows = () => [];
    const body = h("tbody");
    const text = (value) => (typeof value === "number" ? number(value) : value);
    const fill = () => {
      if (!element.open) return;
      const all = rows();
      all.forEach((row, y) => {
        const tr = body.rows[y] ?? body.appendChild(h("tr", {}, ...row.map(() => h("td"))));
        row.map(text).forEach((now, x) => {
          if (tr.cells[x].textContent !== now) tr.cells[x].textContent = now;
        });
      });
      while (body.rows.length > all.length) body.lastChild.remove();
    };
    const titles = head.map((name) => h("th", { scope: "col" }, name));
    const element = h(
      "details",
      { class: "xp-numbers", toggle: () => fill() },
      h("summary", {}, title),
      h(
        "div",
        { tabindex: 0, role: "region", "aria-label": title },
        h("table", {}, h("thead", {}, h("tr", {}, ...titles)), body),
      ),
    );
    const draw = (compute) => {
      rows = compute;
      fill();
    };
    return { element, draw };
  };

  // A button that calls tick() every interval() milliseconds, from when it is pressed until it is
  // pressed again. Nothing moves by itself.
  const player = (tick, interval) => {
    let frame = 0;
    let last = 0;
    const element = button("▶ Play", () => toggle());
    const turn = (now) => {
      frame = requestAnimationFrame(turn);
      if (now - last < interval()) return;
      last = Math.max(last + interval(), now - interval()); // the screen's frames do not add up
      tick();
    };
    const toggle = (on = !frame) => {
      cancelAnimationFrame(frame);
      last = performance.now();
      frame = on ? requestAnimationFrame(turn) : 0;
      element.textContent = on ? "❚❚ Pause" : "▶ Play";
    };
    return { element, toggle };
  };

  // The state in the address: #name?key=value&…, of what differs from the usual.
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  const fromAddress = (name) => {
    const [key, query] = location.hash.slice(1).split("?");
    if (key !== name) return null;
    return Object.fromEntries([...new URLSearchParams(query)].map(([k, text]) => [k, parse(text)]));
  };
  const toAddress = (name, state, usual) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      if (JSON.stringify(value) !== JSON.stringify(usual[key])) query.set(key, text);
    }
    return `#${name}${String(query) && "?"}${query}`;
  };

  const copy = async (text, say) => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied.");
    } catch {
      say("This browser does not let a page copy. Select the text, or take the address from above.");
    }
  };

  const mount = (place, { clean, compute, build, summary, torch }) => {
    const name = place.id;
    const usual = clean({});
    let state = clean(fromAddress(name));
    let model;
    let draw;
    let frame = 0;
    let quiet = 0;
    let notice = "";

    const status = h("p", { class: "xp-status", role: "status" });
    const speak = () => {
      const words = [notice, model.problem ?? summary(state, model)].filter(Boolean).join(" ");
      if (status.textContent !== words) status.textContent = words;
      notice = "";
    };
    const settle = () => {
      clearTimeout(quiet);
      quiet = setTimeout(speak, QUIET);
    };
    const say = (text) => {
      notice = text;
      settle();
    };
    const code = h("code");
    const write = () => (code.textContent = model.problem ? `# ${model.problem}` : torch(state, model));
    const render = () => {
      cancelAnimationFrame(frame);
      frame = 0;
      model = compute(state);
      draw(state, model);
      if (details.open) write();
      settle();
    };
    const later = () => (frame ||= requestAnimationFrame(render));
    let addressing = 0;
    const writeAddress = () => history.replaceState(null, "", toAddress(name, state, usual));
    const change = (given) => {
      state = clean(given);
      clearTimeout(addressing);
      addressing = setTimeout(writeAddress, QUIET);
      later();
    };
    const set = (changes) => change({ ...state, ...changes });
    const get = () => state;

    const details = h(
      "details",
      { class: "xp-code", toggle: () => details.open && write() },
      h("summary", {}, "As PyTorch"),
      // Not a pre: the theme takes the tab stop of one that is folded.
      h("div", { tabindex: 0, role: "region", "aria-label": "Code" }, code),
      button("Copy as PyTorch", () => copy(code.textContent, say)),
    );
    const link = () => {
      writeAddress();
      copy(location.href, say);
    };
    const tools = box("xp-tools", button("Reset", () => change({})), button("Copy link", link));

    const figure = place.querySelector("figure");
    const title = figure.querySelector(".caption-number")?.textContent ?? "";
    const root = h("div", { class: "xp", role: "group", "aria-label": `Interactive figure ${title}` });
    const main = h("div");
    root.append(main, status, tools, details);
    figure.prepend(root);
    place.classList.add("xp-alive"); // the style sheet now hides the picture and what is said of it
    draw = build({ root: main, name, place, get, set, say });
    render();

    new MutationObserver(() => {
      tables = null;
      later();
    }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    addEventListener("hashchange", () => fromAddress(name) && change(fromAddress(name)));
    place.xp = {
      getState: () => structuredClone(state),
      setState: (given) => {
        state = clean({ ...state, ...given });
        render();
      },
      getModel: () => compute(state),
      getCode: () => torch(state, compute(state)),
    };
    // Whoever reloads the page, or returns to it, stays there.
    const [visit] = performance.getEntriesByType("navigation");
    if (fromAddress(name) && visit?.type === "navigate") root.scrollIntoView();
  };

  const explorable = (name, parts) => {
    const place = document.querySelector(`.explorable#${name}`);
    if (place) mount(place, parts);
  };

  Object.assign(XP, { box, button, chart, clean, controls, explorable, folded, grid, h });
  Object.assign(XP, { number, picture, player, table });
})();
