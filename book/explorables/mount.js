// Where a figure is on the page, its state, and when it is drawn.
//
// XP.explorable(name, { clean, compute, build, summary, torch }) brings the figure `name` to life:
//   clean(given)            a complete state with allowed values only, whatever was given
//   compute(state)          the numbers that follow from it, and why it is impossible (`problem`)
//   build(view)             makes the elements in view.root; returns draw(state, model)
//   summary(state, model)   what there is to see, in words
//   torch(state, model)     Python that prints the numbers shown
// Data flows one way: an input calls view.set, which cleans; before the next frame the numbers are
// computed and drawn; when nothing has changed for a moment, words and URL follow.
(() => {
  const { box, button, folded, forgetColours, h } = XP;
  const QUIET = 400; // milliseconds

  // Returns a function that calls act() once it has not been called for a moment.
  const whenQuiet = (act) => {
    let timer = 0;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(act, QUIET);
    };
  };

  // A button that starts and stops calling tick() every interval() milliseconds. Nothing moves by
  // itself.
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

  // The state in the URL: #name?key=value&…, of what differs from the usual.
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  const fromURL = (name) => {
    const [key, query] = location.hash.slice(1).split("?");
    if (key !== name) return null;
    return Object.fromEntries([...new URLSearchParams(query)].map(([k, text]) => [k, parse(text)]));
  };
  const toURL = (name, state, usual) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      if (JSON.stringify(value) !== JSON.stringify(usual[key])) query.set(key, text);
    }
    history.replaceState(null, "", `#${name}${String(query) && "?"}${query}`);
  };

  const copy = async (text, say) => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied.");
    } catch {
      say("This browser does not let a page copy. Select the text, or copy this page's URL.");
    }
  };

  // What is shown, in words(), for those who do not see it; and notices.
  const makeStatus = (words) => {
    const element = h("p", { class: "xp-status", role: "status" });
    let notice = "";
    const update = whenQuiet(() => {
      const text = [notice, words()].filter(Boolean).join(" ");
      if (element.textContent !== text) element.textContent = text;
      notice = "";
    });
    const say = (text) => {
      notice = text;
      update();
    };
    return { element, say, update };
  };
  const makeCode = (write, say) => {
    const code = h("code");
    const update = () => {
      if (element.open) code.textContent = write();
    };
    const element = folded(
      "As PyTorch",
      // Not a pre: the theme takes the tab stop of one that is folded.
      h("div", { tabindex: 0, role: "region", "aria-label": "Code" }, code),
      button("Copy as PyTorch", () => copy(code.textContent, say)),
    );
    element.className = "xp-code";
    element.addEventListener("toggle", update);
    return { element, update };
  };

  // The state, what follows from it, and when it is drawn.
  const makeStore = (name, { clean, compute }, draw) => {
    const usual = clean({});
    let state = clean(fromURL(name));
    let model;
    let frame = 0;
    const render = () => {
      cancelAnimationFrame(frame);
      frame = 0;
      model = compute(state);
      draw(state, model);
    };
    const later = () => {
      frame ||= requestAnimationFrame(render);
    };
    const writeURL = () => toURL(name, state, usual);
    const writeLater = whenQuiet(writeURL);
    const change = (given) => {
      state = clean(given);
      writeLater();
      later();
    };
    return {
      change,
      later,
      render,
      writeURL,
      get: () => state,
      getModel: () => model,
      set: (changes) => change({ ...state, ...changes }),
      setNow: (changes) => {
        state = clean({ ...state, ...changes });
        render();
      },
    };
  };

  // The figure's caption stays; the style sheet hides its image and the text for readers without
  // JavaScript.
  const enter = (place, ...parts) => {
    const figure = place.querySelector("figure");
    const title = figure.querySelector(".caption-number")?.textContent ?? "";
    const label = `Interactive figure ${title}`;
    const root = h("div", { class: "xp", role: "group", "aria-label": label }, ...parts);
    figure.prepend(root);
    place.classList.add("xp-alive");
    return root;
  };

  const mount = (place, parts) => {
    const { compute, build, summary, torch } = parts;
    const name = place.id;
    let drawParts;
    const store = makeStore(name, parts, (state, model) => {
      drawParts(state, model);
      code.update();
      status.update();
    });
    const now = (one) => {
      const [state, model] = [store.get(), store.getModel()];
      return model.problem ?? one(state, model);
    };
    const status = makeStatus(() => now(summary));
    const { say } = status;
    const code = makeCode(() => (store.getModel().problem ? `# ${now(torch)}` : now(torch)), say);
    const link = () => {
      store.writeURL();
      copy(location.href, say);
    };
    const reset = button("Reset", () => store.change({}));
    const tools = box("xp-tools", reset, button("Copy link", link));
    const main = h("div");
    const root = enter(place, main, status.element, tools, code.element);
    drawParts = build({ root: main, name, place, get: store.get, set: store.set, say });
    store.render();

    new MutationObserver(() => {
      forgetColours();
      store.later();
    }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    addEventListener("hashchange", () => fromURL(name) && store.change(fromURL(name)));
    place.xp = {
      getState: () => structuredClone(store.get()),
      setState: store.setNow,
      getModel: () => compute(store.get()),
      getCode: () => torch(store.get(), compute(store.get())),
    };
    // Whoever reloads the page, or returns to it, stays there.
    const [visit] = performance.getEntriesByType("navigation");
    if (fromURL(name) && visit?.type === "navigate") root.scrollIntoView();
  };

  XP.explorable = (name, parts) => {
    const place = document.querySelector(`.explorable#${name}`);
    if (place) mount(place, parts);
  };
  XP.player = player;
})();
