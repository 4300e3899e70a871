// Fields describe the values of a state, and controls are the inputs for them. Each kind has a label,
// what is allowed, and perhaps more: `default`, or whatever the figure itself needs.
//   field.choice(label, options, more)                 a key of `options`, which names each
//   field.count(label, [from, to], usual, more)        a whole number to choose from a list
//   field.number(label, [min, max, step], usual, more) a number, perhaps of a `unit`, with a slider
//   field.flag(label, usual, more)                     true or false
(() => {
  const { box, format, h, keys, read } = XP;
  const { number } = format;

  const countOptions = ([from, to]) =>
    Object.fromEntries(Array.from({ length: to - from + 1 }, (_, i) => [from + i, `${from + i}`]));
  const field = {
    choice: (label, options, more) => ({
      kind: "choice",
      label,
      options,
      default: Object.keys(options)[0],
      ...more,
    }),
    count: (label, range, usual, more) => ({
      kind: "count",
      label,
      options: countOptions(range),
      default: usual,
      ...more,
    }),
    number: (label, [min, max, step], usual, more) => ({
      kind: "number",
      label,
      min,
      max,
      step,
      default: usual,
      ...more,
    }),
    flag: (label, usual, more) => ({ kind: "flag", label, default: usual, ...more }),
  };

  const option = ({ options, default: usual }, given) =>
    Object.hasOwn(options, given) ? String(given) : usual;
  const allowed = {
    choice: option,
    count: (one, given) => Number(option(one, given)),
    number: ({ min, max, step, default: usual }, given) => {
      if (!Number.isFinite(given)) return usual;
      const inside = Math.min(max, Math.max(min, given));
      return +(min + Math.round((inside - min) / step) * step).toFixed(6);
    },
    flag: ({ default: usual }, given) => (typeof given === "boolean" ? given : usual),
  };
  // A complete state with allowed values only, whatever was given.
  const clean = (fields, given) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, one]) => [key, allowed[one.kind](one, Object(given)[key])]),
    );

  // Each kind of input: its element, and what shows the value of the state in it.
  const selectInput = (key, { label, options }, { get, set }) => {
    const items = Object.entries(options).map(([value, text]) => h("option", { value }, text));
    const select = h("select", { change: () => set({ [key]: select.value }) }, ...items);
    const show = () => {
      select.value = get()[key];
    };
    return { element: h("label", { class: "xp-control xp-choice" }, label, select), show };
  };
  const flagInput = (key, { label }, { get, set }) => {
    const input = h("input", { type: "checkbox", change: () => set({ [key]: input.checked }) });
    const show = () => {
      input.checked = get()[key];
    };
    return { element: h("label", { class: "xp-control" }, input, label), show };
  };
  // Valid input applies at once; in the end it is clamped, and the reader is told.
  // The input is one of text, as those of numbers take only the decimal mark of the browser's language.
  const textInput = (key, one, { get, set, say }) => {
    const { label, min, max, step } = one;
    const isAllowed = () => allowed.number(one, read(input.value)) === read(input.value);
    const write = () => {
      input.value = number(get()[key], 9);
    };
    const finish = () => {
      const wanted = read(input.value);
      if (Number.isFinite(wanted)) set({ [key]: wanted });
      write();
      const now = get()[key];
      if (wanted === now) return;
      const steps = `${format.range([min, max], number)} in steps of ${step}`;
      say(`${label} goes ${steps}; it is ${number(now)} now.`);
    };
    const input = h("input", {
      type: "text",
      inputmode: min < 0 || step % 1 ? "text" : "numeric",
      role: "spinbutton",
      "aria-valuemin": min,
      "aria-valuemax": max,
      input: () => isAllowed() && set({ [key]: read(input.value) }),
      change: finish,
    });
    const move = (by) => {
      set({ [key]: get()[key] + by });
      write();
    };
    keys(input, { ArrowUp: () => move(step), ArrowDown: () => move(-step) });
    const show = () => {
      input.setAttribute("aria-valuenow", get()[key]);
      const isTyping = input === document.activeElement && !isAllowed();
      if (!isTyping && read(input.value) !== get()[key]) write();
    };
    return { input, show };
  };
  let ids = 0;
  const numberInput = (key, one, view) => {
    const { label, unit, min, max, step } = one;
    const id = `xp-${++ids}`;
    const typed = textInput(key, one, view);
    typed.input.id = id;
    const input = () => view.set({ [key]: +range.value });
    const range = h("input", { type: "range", "aria-label": label, min, max, step, input });
    const text = h("label", { for: id }, unit ? `${label} (${unit})` : label);
    const show = () => {
      range.value = view.get()[key];
      typed.show();
    };
    return { element: box("xp-control", text, range, typed.input), show };
  };
  const INPUTS = { choice: selectInput, count: selectInput, number: numberInput, flag: flagInput };

  // Inputs for the fields, in a box of a kind. `get` and `set` of the view connect them to a state, which
  // draw shows, without the inputs for which isHidden(key) is true.
  const controls = (fields, view, kind = "xp-columns") => {
    const inputs = Object.fromEntries(
      Object.entries(fields).map(([key, one]) => [key, INPUTS[one.kind](key, one, view)]),
    );
    const draw = (isHidden = () => false) => {
      for (const [key, { element, show }] of Object.entries(inputs)) {
        element.hidden = isHidden(key);
        show();
      }
    };
    const elements = Object.values(inputs).map(({ element }) => element);
    return { element: box(kind, ...elements), inputs, draw };
  };

  Object.assign(XP, { clean, controls, field });
})();
