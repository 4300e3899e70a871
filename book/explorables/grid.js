// A table of numbers to walk through with the arrow keys.
//
// XP.grid(label, { edit, pick, visit }), of which all are optional:
//   edit(row, column, value)    a number was typed (Enter, a click or a digit begins, Escape ends), or
//                               NaN, if it is none
//   pick(row, column)           Enter or a click, where nothing can be edited
//   visit(row, column)          a cell has the focus or the pointer; without arguments: no more
// draw(height, width, cell) shows cell(row, column): { text, label, kind, value }, where `kind` is a
// class and a `value` is what can be edited. Without a height it is empty.
(() => {
  const { arrows, h, isCommand, read } = XP;
  const clamped = (at, size) => Math.min(Math.max(at, 0), size - 1);

  // The cells of the table, and what each of them shows.
  const makeCells = (label) => {
    let rows = [];
    let shown = [];
    const body = h("tbody");
    const element = h("table", { class: "xp-grid", role: "grid", "aria-label": label }, body);
    const focus = (row, column) => {
      const y = clamped(row, rows.length);
      const td = rows[y][clamped(column, rows[y].length)];
      element.querySelector("[tabindex='0']").tabIndex = -1;
      td.tabIndex = 0;
      td.focus();
    };
    const resize = (height, width) => {
      const hadFocus = element.contains(document.activeElement);
      const make = () => h("td", { tabindex: -1 });
      rows = Array.from({ length: height }, () => Array.from({ length: width }, make));
      shown = rows.map((row) => row.map(() => ({})));
      body.replaceChildren(...rows.map((row) => h("tr", {}, ...row)));
      if (!height) return;
      rows[0][0].tabIndex = 0;
      if (hadFocus) rows[0][0].focus();
    };
    const write = (y, x, now, isEdited) => {
      const td = rows[y][x];
      const before = shown[y][x];
      shown[y][x] = now;
      if (now.text !== before.text && !isEdited) td.replaceChildren(now.text);
      if (now.label !== before.label) td.setAttribute("aria-label", now.label);
      if (now.kind !== before.kind) td.className = now.kind ?? "";
    };
    return {
      element,
      focus,
      resize,
      write,
      is: (height, width) => rows.length === height && (rows[0]?.length ?? 0) === width,
      td: (y, x) => rows[y][x],
      shown: (y, x) => shown[y][x],
      place: (target) => {
        const td = target.closest("td");
        return td && element.contains(td) ? [td.parentNode.rowIndex, td.cellIndex] : null;
      },
    };
  };

  // The input over the cell that is edited.
  const makeEditor = (cells, edit) => {
    let now = null;
    const isAt = (y, x) => now?.row === y && now.column === x;
    const drop = () => {
      now = null;
    };
    const stop = (isKept) => {
      if (!now) return;
      const { input, row, column } = now;
      drop(); // before the input goes, which would blur it and end up here again
      cells.td(row, column).replaceChildren(cells.shown(row, column).text);
      if (isKept && input.value.trim()) edit(row, column, read(input.value));
    };
    const start = (row, column, text) => {
      const { value, label } = cells.shown(row, column);
      const input = h("input", { type: "text", inputmode: "text", "aria-label": label });
      input.value = text ?? value;
      input.addEventListener("blur", () => stop(true));
      stop(true);
      now = { input, row, column };
      cells.td(row, column).append(input); // over the text, which keeps the width
      input.focus();
      if (text === undefined) input.select();
    };
    return { drop, isAt, start, stop, get: () => now };
  };

  const grid = (label, { edit, pick, visit = () => {} }) => {
    const cells = makeCells(label);
    const { element, place } = cells;
    const editor = makeEditor(cells, edit);
    const isEditable = (at) => cells.shown(...at).value !== undefined;
    const choose = (at) => (isEditable(at) ? editor.start(...at) : pick?.(...at));

    const moves = {
      ...arrows((down, right, at) => cells.focus(at[0] + down, at[1] + right)),
      Home: ([y]) => cells.focus(y, 0),
      End: ([y]) => cells.focus(y, Infinity),
      Enter: choose,
    };
    const ends = (key, at) => {
      if (key !== "Enter" && key !== "Escape") return false;
      editor.stop(key === "Enter");
      cells.focus(...at);
      return true;
    };
    const begins = (key, at) => {
      if (moves[key]) moves[key](at);
      else if (/^[-−\d.,]$/.test(key) && isEditable(at)) editor.start(...at, key);
      else return false;
      return true;
    };
    element.addEventListener("keydown", (event) => {
      const at = place(event.target);
      if (!at || isCommand(event)) return;
      if (editor.get()) event.stopPropagation();
      const act = editor.get() ? ends : begins;
      if (!act(event.key, at)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("click", ({ target }) => {
      const at = place(target);
      if (!at || target === editor.get()?.input) return;
      cells.focus(...at);
      choose(at);
    });
    const look = ({ target }) => visit(...(place(target) ?? []));
    element.addEventListener("focusin", look);
    element.addEventListener("pointerover", look);
    element.addEventListener("focusout", () => visit());
    element.addEventListener("pointerleave", () => visit());

    const resize = (height, width) => {
      if (cells.is(height, width)) return;
      editor.drop();
      cells.resize(height, width);
    };
    const draw = (height = 0, width = 0, cell = undefined) => {
      const { row, column } = editor.get() ?? {};
      const isInside = row < height && column < width;
      if (!isInside || cell(row, column).value === undefined) editor.stop(false);
      resize(height, width);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) cells.write(y, x, cell(y, x), editor.isAt(y, x));
    };
    return { element, draw, focus: cells.focus };
  };

  Object.assign(XP, { grid });
})();
