// Elements, their keys, and numbers as they are printed and typed.
(() => {
  const SVG = ["svg", "g", "path", "line", "text"];

  // An element. Attributes that are false are left out, those that are functions are listeners.
  const put = (element, name, value) => {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  };
  const h = (tag, attributes = {}, ...children) => {
    const element = SVG.includes(tag)
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) put(element, name, value);
    element.append(...children);
    return element;
  };
  const box = (kind, ...children) => h("div", { class: kind }, ...children);
  const words = (...children) => h("p", {}, ...children);
  const titled = (title, ...children) => box("", h("p", { class: "xp-title" }, title), ...children);
  const folded = (title, ...children) => h("details", {}, h("summary", {}, title), ...children);
  const button = (text, click) => h("button", { type: "button", click }, text);

  // Ctrl, Alt and Meta make a key a command of the browser's. But brackets are typed with AltGr, which
  // is Ctrl and Alt, or with the Alt of a Mac.
  const isCommand = ({ key, ctrlKey, altKey, metaKey }) =>
    metaKey || (key === "[" || key === "]" ? ctrlKey && !altKey : ctrlKey || altKey);

  // Calls actions[key](event) for a key that is pressed in an element, unless its target is one of
  // `others`, which need the key for themselves: what is typed in, and what is pressed.
  const TYPED = "select, [type='text']";
  const PRESSED = "button, summary, a, [type='checkbox'], [role='region']";
  const keys = (element, actions, others = ":not(*)") => {
    element.addEventListener("keydown", (event) => {
      const isOurs = Object.hasOwn(actions, event.key) && !isCommand(event);
      if (!isOurs || event.target.matches(others)) return;
      event.preventDefault();
      actions[event.key](event);
    });
  };
  const arrows = (move) => ({
    ArrowUp: (event) => move(-1, 0, event),
    ArrowDown: (event) => move(1, 0, event),
    ArrowLeft: (event) => move(0, -1, event),
    ArrowRight: (event) => move(0, 1, event),
  });

  // A number as it is printed: whole ones in full, others with so many digits, never NaN.
  const number = (value, digits = 4) => {
    if (!Number.isFinite(value)) return "—";
    const rounded = Number.isInteger(value) ? value : +value.toPrecision(digits);
    return String(rounded).replaceAll("-", "−");
  };
  const format = {
    number,
    // Without what comes after so many decimals, which may be the noise of a sum.
    rounded: (value, decimals, digits) => number(+value.toFixed(decimals), digits),
    // With so many decimals, so that numbers are aligned in columns; no minus before 0.
    fixed: (value, decimals) => (+value.toFixed(decimals) || 0).toFixed(decimals).replace("-", "−"),
    range: ([least, most], one) => `from ${one(least)} to ${one(most)}`,
  };
  // The number that somebody typed, with a decimal point or a decimal comma; NaN, if it is none.
  const read = (text) => {
    const plain = text
      .normalize("NFKC")
      .trim()
      .replace(/^[−‐‑–—]/, "-")
      .replace(",", ".");
    return plain ? Number(plain) : NaN;
  };

  Object.assign(XP, {
    arrows,
    box,
    button,
    folded,
    format,
    h,
    isCommand,
    keys,
    read,
    titled,
    words,
  });
  Object.assign(XP, { PRESSED, TYPED });
})();
